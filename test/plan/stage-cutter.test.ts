/**
 * Where plans are cut: which stages, branches, steps and shuffles a pipeline becomes.
 */
import { describe, expect, it } from 'vitest'
import type { PhysicalPlan, Stage, Step } from '../../src/plan/stage.js'
import { isStateful } from '../../src/plan/stage.js'
import { count, sum } from '../../src/stream/aggregates.js'
import { tumbling } from '../../src/stream/windows.js'
import { TestPipeline } from '../stream/build.js'

const kinds = (steps: readonly Step[]): string[] => steps.map(
  step => step.kind === 'filter' ? `filter ${step.reason ?? 'uncounted'}` : step.kind
)
/** Each branch as its steps and where it ends. */
const branches = (stage: Stage | undefined): string[] => (stage?.branches ?? []).map(({ steps, terminal }) => {
  const end = terminal.kind === 'result' ? `output ${terminal.outputId}` : `${terminal.kind} ${terminal.shuffleId}`
  return [...kinds(steps), `${end} #${terminal.order}`].join(' > ')
})
const inputs = ({ stages }: PhysicalPlan): string[] => stages.map(
  ({ input }) => input.kind === 'source' ? `source ${input.sourceId}` : `${input.kind} ${input.shuffleId}`
)

const timed = (pipeline: TestPipeline) => pipeline.readings().withWatermark('at', '2 s')
const perSecond = (stream: ReturnType<typeof timed>) =>
  stream.groupBy(r => ({ sensor: r.sensor, window: tumbling(r.at, '1 s') })).aggregate(() => ({ n: count() }))

describe('stages', () => {
  it('are numbered from parents to children, one per source however many outputs share it', () => {
    const pipeline = new TestPipeline()
    const readings = timed(pipeline)
    pipeline.output('groups', perSecond(readings))
    pipeline.output('rows', readings.filter(r => r.ok))
    pipeline.output('more', pipeline.source('other', { x: 'f64' }))
    const plan = pipeline.plan()
    expect(inputs(plan)).toEqual(['source 0', 'source 1', 'aggregate 0'])
    expect(plan.stages.map(stage => stage.stageId)).toEqual([0, 1, 2])
    expect(branches(plan.stages[0])).toEqual([
      'watermark > filter nullTime > filter late > aggregate 0 #0',
      'filter filtered > output 1 #0',
    ])
    expect(plan.shuffles).toEqual([{ shuffleId: 0, by: 'keys', parents: [0], child: 2 }])
    expect(plan.watermarks).toEqual([{ watermarkId: 0, sourceIds: [0], delayMs: 2000, idleTimeoutMs: null }])
    expect(plan.stages.map(isStateful)).toEqual([false, false, true])
  })

  it('leave out sources that nothing is put out of', () => {
    const pipeline = new TestPipeline()
    pipeline.source('unused', { x: 'f64' })
    pipeline.output('rows', pipeline.readings())
    expect(pipeline.plan().sources).toEqual([{ sourceId: 1, name: 'readings' }])
    expect(inputs(pipeline.plan())).toEqual(['source 1'])
  })

  it('report a watermark in one branch for the same rows, and in each for different ones', () => {
    const pipeline = new TestPipeline()
    const both = pipeline.readings().filter(r => r.value.gt(1)).union(pipeline.source(
      'b', { sensor: 'utf8', at: 'timestamp', value: 'f64', raw: 'i32', big: 'i64', half: 'f32', ok: 'bool' }
    ))
    const readings = pipeline.readings()
    const split = readings.filter(r => r.ok).union(readings.filter(r => r.ok.not())).withWatermark('at', 5)
    pipeline.output('one', both.withWatermark('at', 7, { idleTimeout: '1 s' }))
    pipeline.output('two', split)
    pipeline.output('three', split.select('ok'))
    const plan = pipeline.plan()
    const reporting = plan.stages.map(stage => stage.branches.flatMap(
      branch => branch.steps.flatMap(step => step.kind === 'watermark' ? [step.watermarkId] : [])
    ))
    expect(reporting).toEqual([[1], [1], [0, 0]])
    expect(plan.watermarks.map(
      ({ watermarkId, sourceIds, idleTimeoutMs }) => [watermarkId, sourceIds, idleTimeoutMs]
    )).toEqual([[0, [2], null], [1, [0, 1], 1000]])
  })
})

describe('unions', () => {
  it('become branches that end in one place, in order', () => {
    const pipeline = new TestPipeline()
    const [a, b] = ['a', 'b'].map(name => pipeline.source(name, { x: 'f64' }))
    pipeline.output('rows', a!.union(b!, a!.filter(r => r.x.gt(1))))
    const plan = pipeline.plan()
    expect(plan.stages.map(branches)).toEqual([['output 0 #0', 'filter filtered > output 0 #2'], ['output 0 #1']])
  })

  it('feed one shuffle from several stages', () => {
    const pipeline = new TestPipeline()
    const [a, b] = ['a', 'b'].map(name => pipeline.source(name, { x: 'f64' }))
    pipeline.output('sum', a!.union(b!).aggregate(r => ({ s: sum(r.x) })))
    expect(pipeline.plan().shuffles).toEqual([{ shuffleId: 0, by: 'keys', parents: [0, 1], child: 2 }])
  })
})

describe('aggregations', () => {
  it('are one stage for outputs of the same mode, and two for different modes', () => {
    const pipeline = new TestPipeline()
    const groups = perSecond(timed(pipeline))
    pipeline.output('a', groups)
    pipeline.output('b', groups.filter(r => r.n.gt(1)))
    pipeline.output('c', groups, 'complete')
    const plan = pipeline.plan()
    expect(inputs(plan)).toEqual(['source 0', 'aggregate 0', 'aggregate 1'])
    expect(plan.stages.slice(1).map(branches)).toEqual([['output 0 #0', 'filter filtered > output 1 #0'], ['output 2 #0']])
    expect(plan.stages.slice(1).map(({ input }) => input.kind === 'aggregate' && input.mode)).toEqual(['append', 'complete'])
    expect(plan.outputs.map(({ mode, modeReason }) => [mode, modeReason.split(':')[0]])).toEqual([
      [
        'append', 'windows close by the watermark, each comes out once',
      ], ['append', 'windows close by the watermark, each comes out once'], ['complete', 'asked for'],
    ])
  })

  it('run in append below another, whatever the output wants', () => {
    const pipeline = new TestPipeline()
    const perMinute = perSecond(timed(pipeline)).groupBy(r => ({
      minute: tumbling(r.window.start, '1 min'),
    })).aggregate(r => ({ n: sum(r.n) }))
    pipeline.output('minutes', perMinute, 'update')
    const modes = pipeline.plan().stages.map(({ input }) => input.kind === 'aggregate' ? input.mode : null)
    expect(modes).toEqual([null, 'append', 'update'])
  })

  it('of single batches are append and keep no state', () => {
    const pipeline = new TestPipeline()
    pipeline.output('counts', pipeline.readings().countByValue())
    const [, stage] = pipeline.plan().stages
    expect(isStateful(stage!)).toBe(false)
    expect(stage!.input).toMatchObject({ mode: 'append', aggregate: { scope: 'batch', keys: { length: 7 } } })
  })

  it('drop no row as late without a watermark', () => {
    const pipeline = new TestPipeline()
    pipeline.output('groups', pipeline.readings().groupBy(r => ({ w: tumbling(r.at, 1000) })).aggregate(() => ({ n: count() })))
    expect(branches(pipeline.plan().stages[0])).toEqual(['filter nullTime > aggregate 0 #0'])
    expect(pipeline.plan().outputs[0]!.mode).toBe('update')
  })

  it('drop no row as late in complete mode, which keeps everything', () => {
    const pipeline = new TestPipeline()
    pipeline.output('groups', perSecond(timed(pipeline)), 'complete')
    expect(branches(pipeline.plan().stages[0])).toEqual(['watermark > filter nullTime > aggregate 0 #0'])
  })
})

describe('late rows', () => {
  it('are a branch of what feeds the aggregation, uncounted and never first', () => {
    const pipeline = new TestPipeline()
    const groups = perSecond(timed(pipeline).filter(r => r.ok))
    pipeline.output('late', groups.lateRows())
    pipeline.output('groups', groups)
    expect(branches(pipeline.plan().stages[0])).toEqual([
      'filter filtered > filter nullTime > filter late > aggregate 0 #0',
      'watermark > filter filtered > filter uncounted > filter uncounted > output 0 #0',
    ])
  })

  it('need the aggregation to run', () => {
    const pipeline = new TestPipeline()
    pipeline.output('late', perSecond(timed(pipeline)).lateRows())
    expect(() => pipeline.plan()).toThrow(/late takes the late rows of an aggregation whose results nobody takes/)
  })

  it('are refused where the aggregation runs in complete mode alone', () => {
    const pipeline = new TestPipeline()
    const groups = perSecond(timed(pipeline))
    pipeline.output('late', groups.lateRows())
    pipeline.output('groups', groups, 'complete')
    expect(() => pipeline.plan()).toThrow(/late takes the late rows of an aggregation that runs in mode 'complete'/)
  })
})

describe('limits', () => {
  it('gather, after a limit in each task', () => {
    const pipeline = new TestPipeline()
    const limited = pipeline.readings().filter(r => r.ok).limit(3)
    pipeline.output('a', limited)
    pipeline.output('b', limited.select('ok'))
    const plan = pipeline.plan()
    expect(plan.stages.map(branches)).toEqual([
      ['filter filtered > limit > gather 0 #0'], ['output 0 #0', 'project > output 1 #0'],
    ])
    expect(plan.stages[1]!.input).toMatchObject({ kind: 'gather', limit: 3 })
    expect(plan.shuffles[0]).toMatchObject({ by: 'gather', parents: [0], child: 1 })
  })
})

describe('a physical plan', () => {
  it('is plain data', () => {
    const pipeline = new TestPipeline()
    pipeline.output('groups', perSecond(timed(pipeline)))
    expect(structuredClone(pipeline.plan())).toEqual(pipeline.plan())
  })
})
