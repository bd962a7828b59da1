/**
 * Event time on its way through a plan: which columns carry it, by which watermarks, and how far behind.
 */
import { describe, expect, it } from 'vitest'
import { eventTimesOf } from '../../src/plan/lineage.js'
import type { AggregateSpec } from '../../src/plan/node.js'
import { resolveMode } from '../../src/plan/output-mode.js'
import { count, sum } from '../../src/stream/aggregates.js'
import { sliding, tumbling } from '../../src/stream/windows.js'
import { nodeOf, TestPipeline, type AnyStream } from '../stream/build.js'

const times = (stream: AnyStream): Record<string, string> =>
  Object.fromEntries([...eventTimesOf(nodeOf(stream))].map(
    ([name, { watermarkIds, lagMs }]) => [name, `${watermarkIds.join('+')} -${lagMs}`]
  ))

const specOf = (stream: AnyStream): AggregateSpec => {
  const node = nodeOf(stream)
  if (node.kind !== 'aggregate') throw new Error('no aggregation')
  return node.aggregate
}

const timed = () => new TestPipeline().readings().withWatermark('at', '2 s')
const perSecond = () => timed().groupBy(r => ({ window: tumbling(r.at, '1 s') })).aggregate(() => ({ n: count() }))

describe('event time', () => {
  it('passes through what leaves it unchanged, under its new name', () => {
    expect(times(
      timed().filter(r => r.ok).rename({ at: 't' }).map(r => ({ u: r.t, x: r.value })).limit(3).sample(0.5)
    )).toEqual({ u: '0 -0' })
    expect(times(timed().with(r => ({ at: r.at.truncate('second') })))).toEqual({})
    expect(times(timed().drop('at'))).toEqual({})
  })

  it('of a union is what all inputs agree on', () => {
    const pipeline = new TestPipeline()
    const [a, b] = ['a', 'b'].map(name => pipeline.source(name, { t: 'timestamp', u: 'timestamp' }))
    expect(times(a!.withWatermark('t', 1).withWatermark('u', 1).union(b!.withWatermark('t', 2)))).toEqual({ t: '0+2 -0' })
  })

  it('of an aggregation is its window: the start lags by its size', () => {
    expect(times(perSecond())).toEqual({ 'window.start': '0 -1000', 'window.end': '0 -0' })
    expect(times(timed().countByKey(r => ({ at: r.at, ok: r.ok })))).toEqual({ at: '0 -0' })
    expect(times(timed().aggregate(() => ({ n: count() })))).toEqual({})
  })

  it('gives an aggregation its watermarks and lag', () => {
    expect(specOf(perSecond())).toMatchObject({ watermarkIds: [0], watermarkLagMs: 0 })
    const over = (size: number, slide: number, offset: number) =>
      specOf(
        perSecond().groupBy(r => ({ w: sliding(r.window.start, size, slide, { offset }) })).aggregate(r => ({ n: sum(r.n) }))
      ).watermarkLagMs
    // The ends lie where inner windows end, so the last inner window before one has come out by then; else the start may be a
    // second behind.
    expect(over(60_000, 60_000, 0)).toBe(0)
    expect(over(60_000, 30_000, 10_000)).toBe(0)
    expect(over(60_000, 60_000, 500)).toBe(1000)
    expect(over(1500, 500, 0)).toBe(1000)
    const overEnd = specOf(perSecond().groupBy(r => ({ w: tumbling(r.window.end, 1500) })).aggregate(r => ({ n: sum(r.n) })))
    expect(overEnd).toMatchObject({ watermarkIds: [0], watermarkLagMs: 0 })
  })

  it('lets a window be grouped again as it is', () => {
    const again = perSecond().groupBy(r => ({ again: r.window })).aggregate(r => ({ n: sum(r.n) }))
    expect(specOf(again)).toMatchObject({ window: { name: 'again', sizeMs: 1000, slideMs: 1000 }, keys: [], watermarkLagMs: 0 })
    expect(again.schema.map(field => field.name)).toEqual(['again.start', 'again.end', 'n'])
    const hourly = timed().groupBy(r => ({ w: sliding(r.at, '1 h', '1 min') })).aggregate(() => ({ n: count() }))
    expect(() => hourly.groupBy(r => ({ w: r.w }))).toThrow(
      /'w' is a sliding window of an earlier aggregation; group by its start: tumbling\(r\.w\.start, 60000\)/
    )
    // Lag of the starts is an hour; a minute's window over them closes with the hour that it starts.
    expect(
      specOf(hourly.groupBy(r => ({ w: tumbling(r.w.start, '1 min') })).aggregate(r => ({ n: sum(r.n) }))).watermarkLagMs
    ).toBe(3_600_000 - 60_000)
  })
})

describe('the output mode', () => {
  const mode = (stream: AnyStream) => resolveMode(nodeOf(stream), null, 'out').mode

  it('is append where rows become final, else update', () => {
    expect(mode(timed())).toBe('append')
    expect(mode(perSecond())).toBe('append')
    expect(mode(perSecond().filter(r => r.n.gt(1)))).toBe('append')
    expect(mode(perSecond().lateRows())).toBe('append')
    expect(mode(timed().countByValue())).toBe('append')
    expect(mode(timed().groupBy(r => ({ ok: r.ok })).aggregate(() => ({ n: count() })))).toBe('update')
    expect(mode(
      new TestPipeline().readings().groupBy(r => ({ w: tumbling(r.at, 5) })).aggregate(() => ({ n: count() }))
    )).toBe('update')
    const counts = timed().groupBy(r => ({ ok: r.ok })).aggregate(() => ({ n: count() }))
    expect(mode(counts.union(counts))).toBe('update')
  })

  it('says why', () => {
    const { reason } = resolveMode(nodeOf(timed().groupBy(r => ({ ok: r.ok })).aggregate(() => ({ n: count() }))), null, 'out')
    expect(reason).toBe('append is not possible: groupBy(ok) has no window, so its rows are never final')
  })
})
