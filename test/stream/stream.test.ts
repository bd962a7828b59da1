/**
 * Streams: the columns that verbs give, and the outputs that they register.
 */
import { describe, expect, it } from 'vitest'
import { Batch } from '../../src/data/batch.js'
import { MillraceError } from '../../src/base/errors.js'
import { count } from '../../src/stream/aggregates.js'
import { streamOfSource } from '../../src/stream/stream.js'
import { tumbling } from '../../src/stream/windows.js'
import { nodeOf, TestPipeline, testSource, type AnyStream } from './build.js'

const columns = ({ schema }: AnyStream): string => schema.map(({ name, type }) => `${name} ${type}`).join(', ')
const readings = () => new TestPipeline().readings().select('sensor', 'at', 'value')
const perSecond = () => readings().withWatermark('at', 5).groupBy(r => ({ sensor: r.sensor, window: tumbling(r.at, '1 s') }))
  .aggregate(() => ({ n: count() }))

describe('verbs', () => {
  it('give the columns they name, in order', () => {
    expect(columns(readings().select('value', 'sensor'))).toBe('value f64, sensor utf8')
    expect(columns(readings().drop('at'))).toBe('sensor utf8, value f64')
    expect(columns(readings().rename({ at: 'time', value: 'at' }))).toBe('sensor utf8, time timestamp, at f64')
    expect(columns(readings().with(r => ({ value: r.sensor, more: 1n })))).toBe('sensor utf8, at timestamp, value utf8, more i64')
    expect(columns(readings().map(r => ({ hour: r.at.hour(), on: true, since: new Date(0) }))))
      .toBe('hour i32, on bool, since timestamp')
    expect(columns(readings().filter(r => r.value.gt(1)).where(r => r.value.lt(2)).limit(1))).toBe(columns(readings()))
  })

  it('treat a window as one column', () => {
    const pair = 'window.start timestamp, window.end timestamp'
    expect(columns(perSecond())).toBe(`sensor utf8, ${pair}, n f64`)
    expect(columns(perSecond().select('n', 'window'))).toBe(`n f64, ${pair}`)
    expect(columns(perSecond().drop('window'))).toBe('sensor utf8, n f64')
    expect(columns(perSecond().map(r => ({ w: r.window, s: r.window.start }))))
      .toBe('w.start timestamp, w.end timestamp, s timestamp')
    expect(columns(perSecond().with(r => ({ window: r.n })))).toBe('sensor utf8, window f64, n f64')
    const renamed = perSecond().rename({ window: 'w' })
    expect(columns(renamed)).toBe('sensor utf8, w.start timestamp, w.end timestamp, n f64')
    expect(renamed.schema[1]!.part).toEqual({ of: 'w', as: 'start' })
  })

  it('count by key and by value, each batch by itself', () => {
    expect(columns(readings().countByKey(r => ({ sensor: r.sensor })))).toBe('sensor utf8, count f64')
    expect(columns(readings().countByValue())).toBe(`${columns(readings())}, count f64`)
    expect(nodeOf(perSecond().countByKey(r => ({ window: r.window }))))
      .toMatchObject({ aggregate: { scope: 'batch', window: null, keys: { length: 2 } } })
  })

  it('leave the stream they are called on as it is', () => {
    const stream = readings()
    const before = nodeOf(stream)
    stream.filter(r => r.value.gt(1)).map(() => ({ a: 1 }))
    expect(nodeOf(stream)).toBe(before)
    expect(Object.isFrozen(before)).toBe(true)
  })

  it('give one stream for one source', () => {
    const pipeline = new TestPipeline()
    const source = testSource('s', { x: 'f64' })
    expect(nodeOf(streamOfSource(pipeline.pipeline, source))).toBe(nodeOf(streamOfSource(pipeline.pipeline, source)))
    expect(pipeline.pipeline.sources).toEqual([source])
  })
})

describe('outputs', () => {
  const info = { batchId: 0, time: 0, mode: 'append' } as const
  const schema = [{ name: 'x', type: 'f64' }] as const
  const column = { type: 'f64', values: Float64Array.of(1, 2), validity: null } as const
  const batch = () => new Batch<never>(schema, [{ kind: 'columns', schema, numRows: 2, columns: [column] }])

  it('hand batches and rows to functions', async () => {
    const pipeline = new TestPipeline()
    const stream = pipeline.source('s', { x: 'f64' })
    const seen: unknown[] = []
    stream.forEachBatch((given, { batchId }) => seen.push(given.numRows, batchId))
    stream.forEachRow(row => seen.push(row.x), { mode: 'update' })
    for (const { sink } of pipeline.pipeline.outputs) await sink.write(batch(), info)
    expect(seen).toEqual([2, 0, 1, 2])
    expect(pipeline.outputs.map(({ mode }) => mode)).toEqual([null, 'update'])
  })

  it('fill tables, web streams and loops', async () => {
    const pipeline = new TestPipeline()
    const stream = pipeline.source('s', { x: 'f64' })
    const table = stream.toTable('latest')
    const web = stream.toReadableStream().getReader()
    const loop = stream[Symbol.asyncIterator]()
    for (const { sink } of pipeline.pipeline.outputs) await sink.write(batch(), info)
    expect(table.rows()).toEqual([{ x: 1 }, { x: 2 }])
    expect((await web.read()).value?.numRows).toBe(2)
    expect((await loop.next()).value?.numRows).toBe(2)
    expect(() => stream.toTable('latest')).toThrow(/there is a table 'latest' already/)
  })

  it('key a table by the keys of the aggregation, under their present names', async () => {
    const pipeline = new TestPipeline()
    const table = pipeline.readings().groupBy(r => ({ sensor: r.sensor, ok: r.ok })).aggregate(() => ({ n: count() }))
      .rename({ sensor: 'name' }).toTable('t')
    const schema = [{ name: 'name', type: 'utf8' }, { name: 'ok', type: 'bool' }, { name: 'n', type: 'f64' }] as const
    const rows = (n: number) => new Batch<never>(schema, [{
      kind: 'columns', schema, numRows: 1, columns: [
        {
          type: 'utf8', values: Int32Array.of(0), validity: null,
          dictionary: { offsets: Uint32Array.of(0, 1), bytes: Uint8Array.of(97) },
        },
        { type: 'bool', values: Uint8Array.of(1), validity: null },
        { type: 'f64', values: Float64Array.of(n), validity: null },
      ],
    }])
    const { sink } = pipeline.pipeline.outputs[0]!
    await sink.write(rows(1), { ...info, mode: 'update' })
    await sink.write(rows(5), { ...info, batchId: 1, mode: 'update' })
    expect(table.rows()).toEqual([{ name: 'a', ok: true, n: 5 }])
    expect(table.get('a', true)).toEqual({ name: 'a', ok: true, n: 5 })
  })

  it('are refused once the context has started', () => {
    const pipeline = new TestPipeline()
    const stream = pipeline.readings()
    pipeline.pipeline.seal()
    expect(() => stream.forEachBatch(() => undefined)).toThrow(MillraceError)
    expect(() => stream.forEachBatch(() => undefined))
      .toThrow(/The context has started; an output can only be added before start\(\)/)
    expect(() => pipeline.readings()).toThrow(/a source can only be added before start\(\)/)
    expect(stream.explain()).toContain('source readings as ndjson')
  })
})
