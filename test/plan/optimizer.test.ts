/**
 * The optimizer: what each rule does to a plan, and that none changes what the plan gives.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeText } from '../../src/plan/node-text.js'
import type { Output, PlanNode } from '../../src/plan/node.js'
import { optimize, RULES } from '../../src/plan/optimizer.js'
import { cutStages } from '../../src/plan/stage-cutter.js'
import { inputsOf } from '../../src/plan/rewrite.js'
import { avg, count, sum } from '../../src/stream/aggregates.js'
import { lit, when } from '../../src/stream/expression-functions.js'
import { tumbling } from '../../src/stream/windows.js'
import { nodeOf, TestPipeline, type AnyStream } from '../stream/build.js'
import { rowsOfPlan } from './plan-rows.js'
import { chanceBytes, randomPipeline, sourceRows } from './random-plan.js'

const output = (stream: AnyStream): Output => ({ outputId: 0, name: 'out', node: nodeOf(stream), mode: null })

/** The nodes from the output down, one line each; of a union its inputs one after the other. */
function linesOf(node: PlanNode): string[] {
  return [nodeText(node).replace(/^source .*/, 'source'), ...inputsOf(node).flatMap(linesOf)]
}

/** What one rule, or all, makes of a stream's plan. */
function optimized(stream: AnyStream, rule?: string): string[] {
  const rules = rule ? RULES.filter(each => each.name === rule) : RULES
  expect(rules.length).toBeGreaterThan(0)
  return optimize([output(stream)], rules).outputs.flatMap(({ node }) => linesOf(node))
}

const readings = () => new TestPipeline().readings()

describe('constant folding', () => {
  const fold = (stream: AnyStream) => optimized(stream, 'constant folding')[0]

  it('computes what depends on no row', () => {
    expect(fold(
      readings().map(() => ({ a: lit(2).add(3).mul(4), b: lit('A').lower().concat('b'), c: lit(7n).mod(4n) }))
    )).toBe("project 20 as a, 'ab' as b, 3n as c")
  })

  it('leaves out conditions that cannot matter', () => {
    expect(fold(readings().filter(r => r.ok.and(lit(true)).or(lit(1).gt(2))))).toBe('filter ok')
    expect(fold(readings().filter(r => r.ok.not().not()))).toBe('filter ok')
    expect(fold(readings().filter(r => r.ok.or(r.sensor.isIn([]))))).toBe('filter ok')
    expect(fold(readings().map(r => ({ a: when(lit(true), r.value).otherwise(0) })))).toBe('project value as a')
  })

  it('reaches into aggregates, and keeps what could overflow', () => {
    expect(fold(readings().aggregate(r => ({ a: sum(r.raw.cast('f64').mul(lit(1).add(1))) })))).toContain('* 2')
    expect(fold(
      readings().map(() => ({ a: lit(2n ** 62n).mul(2n), b: lit(3e9).cast('i32') }))
    )).toContain('4611686018427387904n * 2n as a, cast(3000000000 as i32) as b')
  })
})

describe('constant filters', () => {
  const rule = 'always-true and always-false filters'

  it('go when they keep all', () => expect(optimized(readings().filter(() => lit(true)), rule)).toEqual(['source']))
  it(
    'say so when they keep nothing',
    () => expect(optimized(readings().filter(() => lit(null, 'bool')), rule)[0]).toBe('filter false')
  )
})

describe('union push-down', () => {
  it('makes one union and moves projections and filters below it', () => {
    const pipeline = new TestPipeline()
    const [a, b, c] = ['a', 'b', 'c'].map(name => pipeline.source(name, { x: 'f64', y: 'f64' }))
    expect(optimized(a!.union(b!).union(c!).filter(r => r.x.gt(1)).map(r => ({ z: r.y })), 'union push-down'))
      .toEqual(['union', ...Array.from({ length: 3 }, () => ['project y as z', 'filter x > 1', 'source']).flat()])
  })

  it('leaves limits and watermarks above', () => {
    const pipeline = new TestPipeline()
    const [a, b] = ['a', 'b'].map(name => pipeline.source(name, { x: 'f64', t: 'timestamp' }))
    expect(optimized(a!.union(b!).limit(3), 'union push-down')[0]).toBe('limit 3')
    expect(optimized(a!.union(b!).withWatermark('t', 5).filter(r => r.x.gt(1)), 'union push-down').slice(0, 3))
      .toEqual(['filter x > 1', 'watermark 0 on t, delay 5 ms', 'union'])
  })
})

describe('filter push-down', () => {
  const push = (stream: AnyStream) => optimized(stream, 'filter push-down')

  it('moves a filter below projections, in the columns of their input', () => {
    expect(push(readings().map(r => ({ z: r.value.sub(20), s: r.sensor })).filter(r => r.z.gt(3)).filter(r => r.s.eq('a'))))
      .toEqual(['project value - 20 as z, sensor as s', "filter sensor = 'a'", 'filter value - 20 > 3', 'source'])
  })

  it('stops above a watermark, a limit, a sample and an aggregation', () => {
    expect(push(readings().withWatermark('at', 5).filter(r => r.ok))[0]).toBe('filter ok')
    expect(push(readings().limit(5).filter(r => r.ok))[0]).toBe('filter ok')
    expect(push(readings().sample(0.5).filter(r => r.ok))[0]).toBe('filter ok')
    expect(push(readings().countByKey(r => ({ ok: r.ok })).filter(r => r.ok))[0]).toBe('filter ok')
  })
})

describe('projection fusion', () => {
  const fuse = (stream: AnyStream) => optimized(stream, 'projection fusion')

  it('makes one projection of two', () => {
    expect(fuse(
      readings().map(r => ({ z: r.value.sub(20) })).map(r => ({ a: r.z.abs(), z: r.z }))
    )).toEqual(['project abs(value - 20) as a, value - 20 as z', 'source'])
  })

  it('drops one that changes nothing, but not one that renames or reorders', () => {
    expect(fuse(readings().map(r => ({ ...r })))).toEqual(['source'])
    expect(fuse(readings().select('at', 'sensor')).length).toBe(2)
    expect(fuse(readings().select('at').rename({ at: 't' }))).toEqual(['project at as t', 'source'])
  })

  it('does not let expressions grow without bound', () => {
    let stream: any = readings().map(r => ({ z: r.value }))
    for (let i = 0; i < 40; i++) stream = stream.map((r: any) => ({ z: r.z.add(r.z) }))
    const lines = fuse(stream)
    expect(Math.max(...lines.map(line => line.length))).toBeLessThan(3000)
    expect(lines.length).toBeGreaterThan(3)
  })
})

describe('dead column removal', () => {
  const rule = 'dead column removal'

  it('leaves out columns and aggregates that nobody reads', () => {
    const groups = readings().map(r => ({ s: r.sensor, a: r.value, b: r.raw })).groupBy(r => ({ s: r.s })).aggregate(
      r => ({ m: avg(r.a), n: sum(r.b) })
    )
    expect(optimized(groups.select('m'), rule)).toEqual([
      'project m', 'aggregate avg(a) as m by s as s'.replace('s as s', 's'), 'project sensor as s, value as a', 'source',
    ])
  })

  it('keeps what any of several readers needs', () => {
    const pipeline = new TestPipeline()
    const shared = pipeline.readings().map(r => ({ a: r.value, b: r.raw, c: r.half }))
    const { outputs } = optimize(
      [output(shared.select('a')), output(shared.filter(r => r.b.gt(1)).select('a'))], RULES.filter(each => each.name === rule)
    )
    expect(linesOf(outputs[0]!.node)[1]).toBe('project value as a, raw as b')
    expect((outputs[0]!.node as { input?: PlanNode }).input).toBe(
      (outputs[1]!.node as { input: { input?: PlanNode } }).input.input
    )
  })

  it('keeps the columns of late rows', () => {
    const groups = readings().withWatermark('at', 5).map(
      r => ({ at: r.at, a: r.value, b: r.raw })
    ).groupBy(r => ({ w: tumbling(r.at, 10) })).aggregate(() => ({ n: count() }))
    const { outputs } = optimize([output(groups), output(groups.lateRows())])
    expect(outputs[1]!.node.schema.map(field => field.name)).toEqual(['at', 'a', 'b'])
    expect(outputs[1]!.node.kind === 'lateRows' && outputs[1]!.node.input).toBe(outputs[0]!.node)
  })

  it('keeps the inputs of a union equal', () => {
    const pipeline = new TestPipeline()
    const [a, b] = ['a', 'b'].map(name => pipeline.source(name, { x: 'f64', y: 'f64' }))
    expect(optimized(a!.union(b!.map(r => ({ x: r.y, y: r.x }))).select('x'), rule)).toEqual([
      'project x', 'union', 'project x', 'source', 'project y as x', 'source',
    ])
  })

  it('sends only what is read through a limit', () => {
    expect(optimized(readings().limit(3).select('ok'), rule)).toEqual(['project ok', 'limit 3', 'project ok', 'source'])
  })

  it('decides what is decoded', () => {
    const { stages } = cutStages(optimize([output(readings().with(r => ({ z: r.value.add(1) })).select('z', 'ok'))]).outputs)
    expect(stages[0]!.input).toMatchObject({ columnsRead: [2, 6] })
  })
})

describe('an optimized plan', () => {
  const sourcesOf = (a: readonly object[], b: readonly object[]) => (sourceId: number) => (sourceId === 0 ? a : b) as never

  it.each(['all rules', ...RULES.map(rule => rule.name)])('gives the same rows after %s', name => {
    const rules = name === 'all rules' ? RULES : RULES.filter(rule => rule.name === name)
    fc.assert(fc.property(chanceBytes, sourceRows, sourceRows, (bytes, a, b) => {
      const { outputs } = randomPipeline(bytes)
      const after = optimize(outputs, rules).outputs
      outputs.forEach(({ node }, i) => {
        expect(after[i]!.node.schema).toEqual(node.schema)
        expect(rowsOfPlan(after[i]!.node, sourcesOf(a, b))).toEqual(rowsOfPlan(node, sourcesOf(a, b)))
      })
      cutStages(after)
    }), { numRuns: name === 'all rules' ? 200 : 60 })
  })

  it('is left alone by another round', () => {
    fc.assert(fc.property(chanceBytes, bytes => {
      const once = optimize(randomPipeline(bytes).outputs)
      const twice = optimize(once.outputs)
      expect(twice.trace).toEqual([])
      expect(twice.outputs).toEqual(once.outputs)
    }), { numRuns: 100 })
  })
})
