/**
 * How a batch is cut into tasks: by its rows or bytes alone, wherever the blocks begin and end.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ColumnBlock, SourceBlock } from '../../src/data/block.js'
import { BlockTracker, TASK_BYTES, TASK_ROWS, type SourceTask } from '../../src/scheduler/block-tracker.js'
import type { SealedBlock } from '../../src/source/intake-queue.js'

const columns = (numRows: number): ColumnBlock => ({
  kind: 'columns', schema: [{ name: 'x', type: 'i32' }], numRows,
    columns: [{ type: 'i32', values: new Int32Array(numRows), validity: null }],
})

/** Blocks one after the other, numbered from `firstOrdinal`. */
function sealed(blocks: readonly SourceBlock[], firstOrdinal = 0): SealedBlock[] {
  return blocks.map(block => {
    const length = block.kind === 'columns' ? block.numRows : block.bytes.length
    const one = { block, rows: length, firstOrdinal, endOrdinal: firstOrdinal + length, held: null }
    firstOrdinal += length
    return one
  })
}

function tasksOf(blocks: readonly SealedBlock[]): SourceTask[] {
  const tracker = new BlockTracker()
  tracker.allocate(7, new Map([[3, blocks]]))
  return tracker.tasksOf(7, 3)
}

const rowsOf = ({ inputs }: SourceTask): number => inputs.reduce((rows, { start, end }) => rows + end - start, 0)

describe('block tracker', () => {
  it('cuts columns at every 131,072 rows, counted from the batch', () => {
    const tasks = tasksOf(sealed([columns(80_000), columns(80_000), columns(262_144 - 160_000)], 500))
    expect(tasks.map(rowsOf)).toEqual([TASK_ROWS, TASK_ROWS])
    expect(tasks.map(task => task.firstOrdinal)).toEqual([500, 500 + TASK_ROWS])
    expect(tasks[1]!.inputs.map(({ start, end }) => [start, end])).toEqual([[TASK_ROWS - 80_000, 80_000], [0, 262_144 - 160_000]])
  })

  it('cuts columns the same whatever the block borders are', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 140_000 }), { minLength: 1, maxLength: 6 }), lengths => {
      const total = lengths.reduce((sum, length) => sum + length, 0)
      const whole = tasksOf(sealed([columns(total)])).map(task => [task.firstOrdinal, rowsOf(task)])
      expect(tasksOf(sealed(lengths.map(columns))).map(task => [task.firstOrdinal, rowsOf(task)])).toEqual(whole)
    }), { numRuns: 30 })
  })

  it('cuts text at the first record end at or after every MiB, the same whatever the block borders are', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 900_000 }), { minLength: 1, maxLength: 8 }), fc.context(),
      (lengths, context) => {
      const records = lengths.map(length => new Uint8Array(length).fill(10, length - 1).fill(97, 0, length - 1))
      const text = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
      let end = 0
      const ends = records.map(record => { text.set(record, end); return end += record.length })
      const bytes = (part: Uint8Array): SourceBlock => ({ kind: 'bytes', format: 'ndjson', bytes: part })
      const starts = (tasks: SourceTask[]) => tasks.map(task => task.firstOrdinal)
      const expected: number[] = [0]
      for (let mark = TASK_BYTES; mark < text.length; mark += TASK_BYTES) {
        const cut = ends.find(recordEnd => recordEnd >= mark)!
        if (cut < text.length && cut !== expected.at(-1)) expected.push(cut)
      }
      context.log(`ends ${ends.join(' ')}`)
      expect(starts(tasksOf(sealed([bytes(text)])))).toEqual(expected)
      expect(starts(tasksOf(sealed(records.map(bytes))))).toEqual(expected)
    }), { numRuns: 40 })
  })

  it('cuts CSV outside of quotes only', () => {
    const quoted = new TextEncoder().encode(`"${'a\n'.repeat(TASK_BYTES)}",1\nb,2\n`)
    const tasks = tasksOf(sealed([{ kind: 'bytes', format: 'csv', bytes: quoted, csv: { delimiter: ',', columns: null } }]))
    expect(tasks.map(rowsOf)).toEqual([quoted.length - 4, 4])
  })

  it('holds the blocks of a batch until it is released', () => {
    const tracker = new BlockTracker()
    const ranges = tracker.allocate(0, new Map([[1, sealed([columns(5)], 10)], [0, sealed([columns(2), columns(3)])], [2, []]]))
    expect(ranges).toEqual([
      { sourceId: 0, startOrdinal: 0, endOrdinal: 5, numRows: 5 },
      { sourceId: 1, startOrdinal: 10, endOrdinal: 15, numRows: 5 },
    ])
    expect(tracker.tasksOf(0, 2)).toEqual([])
    expect(tracker.isEmpty).toBe(false)
    tracker.release(0)
    expect(tracker.isEmpty).toBe(true)
  })
})
