/** Sinks: what they do with batches, in which order, and what a batch that is written again does. */
import { describe, expect, it } from 'vitest'
import { Batch } from '../../src/data/batch.js'
import { windowFields, type Schema } from '../../src/data/schema.js'
import { consoleSink } from '../../src/sink/console-sink.js'
import { batchFunctionSink, rowFunctionSink } from '../../src/sink/function-sink.js'
import { IteratorSink } from '../../src/sink/iterator-sink.js'
import { memorySink } from '../../src/sink/memory-sink.js'
import { readableStreamSink } from '../../src/sink/readable-sink.js'
import type { BatchInfo } from '../../src/sink/sink.js'
import { TableSink } from '../../src/sink/table-sink.js'
import { blockOfRows } from '../support/blocks.js'

interface Row {
  readonly k: string | null
  readonly window: { readonly start: number; readonly end: number }
  readonly n: number
}

const SCHEMA: Schema = [{ name: 'k', type: 'utf8' }, ...windowFields('window'), { name: 'n', type: 'f64' }]
const row = (k: string | null, n: number, start = 0): Row => ({ k, window: { start, end: start + 10 }, n })
const batchOf = (...rows: Row[]): Batch<Row> => new Batch<Row>(SCHEMA, [blockOfRows(SCHEMA,
  rows.map(({ k, window, n }) => ({ k, 'window.start': window.start, 'window.end': window.end, n })))])
const info = (batchId: number, mode: BatchInfo['mode'] = 'append'): BatchInfo => ({ batchId, time: batchId * 1000, mode })
const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  let isSettled = false
  void promise.then(() => { isSettled = true }, () => { isSettled = true })
  for (let i = 0; i < 20; i++) await Promise.resolve()
  return isSettled
}

describe('function sinks', () => {
  it('call with each batch that has rows, once, and wait for what the function waits for', async () => {
    const seen: string[] = []
    const sink = batchFunctionSink<Row>(async (batch, { batchId, time }) => {
      await Promise.resolve()
      seen.push(`${batchId} ${time} ${batch.numRows}`)
    })
    await sink.write(batchOf(row('a', 1), row('b', 2)), info(0))
    await sink.write(batchOf(), info(1))
    await sink.write(batchOf(row('a', 1)), info(2))
    await sink.write(batchOf(row('a', 1)), info(2))
    expect(seen).toEqual(['0 0 2', '2 2000 1'])
  })

  it('call with each row, one after the other', async () => {
    const seen: string[] = []
    const sink = rowFunctionSink<Row>(async ({ k, n }, { batchId }) => {
      seen.push(`start ${k}`)
      await Promise.resolve()
      seen.push(`end ${n} ${batchId}`)
    })
    await sink.write(batchOf(row('a', 1), row('b', 2)), info(3))
    await sink.write(batchOf(row('a', 1), row('b', 2)), info(3))
    expect(seen).toEqual(['start a', 'end 1 3', 'start b', 'end 2 3'])
  })

  it('give a batch again when the function threw', async () => {
    let calls = 0
    const sink = batchFunctionSink<Row>(() => { if (++calls === 1) throw new Error('disk full') })
    await expect(sink.write(batchOf(row('a', 1)), info(0))).rejects.toThrow('disk full')
    await sink.write(batchOf(row('a', 1)), info(0))
    expect(calls).toBe(2)
  })
})

describe('memorySink', () => {
  it('collects rows; a batch written again replaces itself', () => {
    const sink = memorySink<Row>()
    void sink.write(batchOf(row('a', 1)), info(0))
    void sink.write(batchOf(), info(1))
    void sink.write(batchOf(row('b', 2)), info(2))
    void sink.write(batchOf(row('b', 3), row('c', 4)), info(2))
    expect(sink.rows).toEqual([row('a', 1), row('b', 3), row('c', 4)])
    expect(sink.batches.map(({ batchId, time, batch }) => [batchId, time, batch.numRows])).toEqual([[0, 0, 1], [2, 2000, 2]])
    sink.clear()
    expect(sink.rows).toEqual([])
  })

  it('keeps the last complete result, even an empty one', () => {
    const sink = memorySink<Row>()
    void sink.write(batchOf(row('a', 1)), info(0, 'complete'))
    void sink.write(batchOf(row('a', 2), row('b', 1)), info(1, 'complete'))
    expect(sink.rows).toEqual([row('a', 2), row('b', 1)])
    void sink.write(batchOf(), info(2, 'complete'))
    expect([sink.rows, sink.batches.length]).toEqual([[], 1])
  })

  it('lets the oldest batches go beyond its limit', () => {
    const sink = memorySink<Row>({ rowsMax: 3 })
    for (let i = 0; i < 4; i++) void sink.write(batchOf(row('a', i), row('b', i)), info(i))
    expect(sink.rows).toEqual([row('a', 3), row('b', 3)])
  })
})

describe('consoleSink', () => {
  it('prints the first rows of each batch that has rows', () => {
    const printed: unknown[] = []
    const sink = consoleSink<Row>({ numRows: 1, console: { log: line => printed.push(line), table: rows => printed.push(rows) } })
    void sink.write(batchOf(row('a', 1), row('b', 2)), info(1))
    void sink.write(batchOf(), info(2))
    expect(printed).toEqual([
      'batch 1 at 1970-01-01T00:00:01.000Z: 2 rows, the first 1 of them:',
      [{ k: 'a', window: '[1970-01-01T00:00:00.000Z, 1970-01-01T00:00:00.010Z)', n: 1 }],
    ])
  })
})

describe('iterator sink', () => {
  it('hands batches on in order and ends when it is closed', async () => {
    const sink = new IteratorSink<Row>()
    const early = sink.next()
    await sink.write(batchOf(row('a', 1)), info(0))
    await sink.write(batchOf(), info(1))
    await sink.write(batchOf(row('b', 2)), info(2))
    await sink.write(batchOf(row('b', 2)), info(2))
    sink.close()
    expect((await early).value!.toRows()).toEqual([row('a', 1)])
    const rest: Row[] = []
    for await (const batch of sink) rest.push(...batch)
    expect(rest).toEqual([row('b', 2)])
  })

  it('makes the writer wait while the reader is behind', async () => {
    const sink = new IteratorSink<Row>({ batchesQueuedMax: 2 })
    const writes = [0, 1].map(id => sink.write(batchOf(row('a', id)), info(id)))
    expect(await Promise.all(writes.map(settled))).toEqual([true, false])
    expect((await sink.next()).value!.at(0)!.n).toBe(0)
    expect(await settled(writes[1]!)).toBe(true)
  })

  it('throws the error of a failed job once, behind the batches that came before', async () => {
    const sink = new IteratorSink<Row>()
    await sink.write(batchOf(row('a', 1)), info(0))
    sink.close(new Error('worker lost'))
    expect((await sink.next()).done).toBe(false)
    await expect(sink.next()).rejects.toThrow('worker lost')
    expect((await sink.next()).done).toBe(true)
  })

  it('lets batches go once the loop was left, and never holds the engine', async () => {
    const sink = new IteratorSink<Row>({ batchesQueuedMax: 1 })
    const write = sink.write(batchOf(row('a', 1)), info(0))
    for await (const batch of sink) if (batch.numRows === 1) break
    await write
    await sink.write(batchOf(row('a', 2)), info(1))
    expect(await settled(sink.write(batchOf(row('a', 3)), info(2)))).toBe(true)
    const closed = new IteratorSink<Row>({ batchesQueuedMax: 1 })
    const waiting = closed.write(batchOf(row('a', 1)), info(0))
    expect(await settled(waiting)).toBe(false)
    closed.close()
    expect(await settled(waiting)).toBe(true)
  })
})

describe('readable stream sink', () => {
  it('is read like any stream, pulls one batch at a time, closes and errors', async () => {
    const { sink, stream } = readableStreamSink<Row>({ batchesQueuedMax: 1 })
    const reader = stream.getReader()
    const write = sink.write(batchOf(row('a', 1)), info(0))
    expect(await settled(Promise.resolve(write))).toBe(false)
    expect((await reader.read()).value!.toRows()).toEqual([row('a', 1)])
    await write
    const end = reader.read()
    await sink.close!()
    expect(await end).toEqual({ done: true, value: undefined })
    const failed = readableStreamSink<Row>()
    await failed.sink.close!(new Error('boom'))
    await expect(failed.stream.getReader().read()).rejects.toThrow('boom')
    const cancelled = readableStreamSink<Row>({ batchesQueuedMax: 1 })
    await cancelled.stream.cancel()
    await cancelled.sink.write(batchOf(row('a', 1)), info(0))
  })
})

describe('table', () => {
  const keyed = (options = {}): TableSink<Row> => new TableSink<Row>({ name: 't', keys: ['k', 'window'], ...options })

  it('upserts by the keys in mode update, keeping their order', () => {
    const table = keyed()
    table.write(batchOf(row('a', 1), row('b', 2), row(null, 3), row('a', 4, 10)), info(0, 'update'))
    table.write(batchOf(row('b', 5), row(null, 6), row('c', 7)), info(1, 'update'))
    expect(table.rows()).toEqual([row('a', 1), row('b', 5), row(null, 6), row('a', 4, 10), row('c', 7)])
    expect([...table]).toEqual(table.rows())
    expect([table.size, table.batchId, table.column('n')]).toEqual([5, 1, [1, 5, 6, 4, 7]])
    expect(table.get('a', { start: 10, end: 20 })).toEqual(row('a', 4, 10))
    expect(table.get(null, { start: 0, end: 10 })).toEqual(row(null, 6))
    expect(table.get('null', { start: 0, end: 10 })).toBeUndefined()
    expect(table.get('a')).toBeUndefined()
  })

  it('tells keys of all types apart as the engine does', () => {
    const schema: Schema = [{ name: 'x', type: 'f64' }, { name: 'y', type: 'i64' }]
    const table = new TableSink<{ x: number; y: bigint }>({ name: 't', keys: ['x', 'y'] })
    const rows = [{ x: NaN, y: 1n }, { x: -0, y: 1n }, { x: 1, y: 1n }]
    table.write(new Batch(schema, [blockOfRows(schema, rows)]), info(0, 'update'))
    table.write(new Batch(schema, [blockOfRows(schema, [{ x: NaN, y: 1n }, { x: 0, y: 1n }])]), info(1, 'update'))
    expect(table.size).toBe(3)
    expect([table.get(NaN, 1n), table.get(-0, 1n), table.get(1, 1)]).toEqual([{ x: NaN, y: 1n }, { x: 0, y: 1n }, undefined])
  })

  it('adds in mode append, up to its limit; the last row of a key counts', () => {
    const table = keyed({ rowsMax: 3 })
    table.write(batchOf(row('a', 1), row('b', 2)), info(0))
    table.write(batchOf(row('a', 3), row('c', 4)), info(1))
    expect(table.rows()).toEqual([row('b', 2), row('a', 3), row('c', 4)])
    expect(table.get('a', { start: 0, end: 10 })).toEqual(row('a', 3))
    const plain = new TableSink<Row>({ name: 't', keys: null })
    plain.write(batchOf(row('a', 1), row('a', 1)), info(0, 'update'))
    expect([plain.size, plain.get('a')]).toEqual([2, undefined])
  })

  it('replaces all in mode complete', () => {
    const table = keyed()
    table.write(batchOf(row('a', 1), row('b', 2)), info(0, 'complete'))
    table.write(batchOf(row('c', 3)), info(1, 'complete'))
    expect(table.rows()).toEqual([row('c', 3)])
    table.write(batchOf(), info(2, 'complete'))
    expect(table.size).toBe(0)
  })

  it('tells who listens after each change, until told not to', () => {
    const table = keyed()
    const seen: string[] = []
    const stop = table.onChange((changed, { batchId, batch }) => seen.push(`${batchId}: ${batch.numRows} of ${changed.size}`))
    table.write(batchOf(row('a', 1), row('b', 2)), info(0, 'update'))
    table.write(batchOf(), info(1, 'update'))
    table.write(batchOf(row('a', 3)), info(2, 'update'))
    table.write(batchOf(row('a', 3)), info(2, 'update'))
    stop()
    table.write(batchOf(row('a', 4)), info(3, 'update'))
    expect(seen).toEqual(['0: 2 of 2', '2: 1 of 2'])
  })
})
