/** Blocks of a batch from what tasks gave: in order, and whole again where tasks share one. */
import { describe, expect, it } from 'vitest'
import type { ColumnBlock } from '../../src/data/block.js'
import type { TaskResult } from '../../src/plan/task.js'
import { outputBlocks } from '../../src/scheduler/output-blocks.js'

const block = (...values: readonly number[]): ColumnBlock => ({
  kind: 'columns', schema: [{ name: 'x', type: 'f64' }], numRows: values.length,
  columns: [{ type: 'f64', values: Float64Array.from(values), validity: null }],
})
const valuesOf = (blocks: readonly ColumnBlock[]): number[][] =>
  blocks.map(({ columns }) => [...columns[0]!.values as Float64Array])
const task = (...results: TaskResult['results']): TaskResult => ({ results }) as unknown as TaskResult

describe('output blocks', () => {
  it('are those of the output, by branch, then in the order of the tasks', () => {
    const results = [
      task({ outputId: 0, order: 1, block: block(3) }, { outputId: 0, order: 0, block: block(1) }),
      task({ outputId: 1, order: 0, block: block(9) }, { outputId: 0, order: 0, block: block(2) }),
    ]
    expect(valuesOf(outputBlocks(results, 0))).toEqual([[1], [2], [3]])
  })

  it('are one where tasks that follow one another share one, and cut where another comes between', () => {
    const shared = block(1, 2, 3, 4)
    const own = (start: number, end: number): TaskResult => task({ outputId: 0, order: 0, block: shared, rows: [start, end] })
    expect(outputBlocks([own(0, 1), own(1, 3), own(3, 4)], 0)).toEqual([shared])
    expect(outputBlocks([own(0, 1), own(1, 3), own(3, 4)], 0)[0]).toBe(shared)
    const other = task({ outputId: 0, order: 0, block: block(7, 8), rows: [0, 1] })
    expect(valuesOf(outputBlocks([own(0, 3), other, own(3, 4)], 0))).toEqual([[1, 2, 3], [7], [4]])
    expect(valuesOf(outputBlocks([own(0, 1), own(2, 4)], 0))).toEqual([[1], [3, 4]])
  })
})
