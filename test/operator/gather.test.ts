/** Gathering takes the first rows of all. */
import { describe, expect, it } from 'vitest'
import type { Schema } from '../../src/data/schema.js'
import { firstRows } from '../../src/operator/gather.js'
import { blockOf } from '../support/task-driver.js'

const SCHEMA: Schema = [{ name: 'value', type: 'i32' }]
const slice = (numRows: number) =>
  ({ block: blockOf(SCHEMA, Array.from({ length: numRows }, (_, value) => ({ value }))), start: 0, end: numRows })

describe('gather', () => {
  it('keeps whole slices up to the limit and cuts the one that crosses it', () => {
    const slices = [slice(3), slice(0), slice(4), slice(5)]
    expect(firstRows(slices, 5).map(({ start, end }) => [start, end])).toEqual([[0, 3], [0, 2]])
    expect(firstRows(slices, 100).map(({ end }) => end)).toEqual([3, 4, 5])
    expect(firstRows(slices, 0)).toEqual([])
  })
})
