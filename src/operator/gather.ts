/**
 * Gathering: all rows of a shuffle to one task, in order, at most `limit` of them.
 * Invariant: the rows are those of the first tasks first; what lies beyond the limit is not even loaded.
 */
import type { BlockSlice } from '../data/block.js'

/** The slices of the first `limit` rows. */
export function firstRows(slices: readonly BlockSlice[], limit: number): BlockSlice[] {
  const taken: BlockSlice[] = []
  let wanted = limit
  for (const { block, start, end } of slices) {
    if (wanted <= 0) break
    const rows = Math.min(end - start, wanted)
    if (rows > 0) taken.push({ block, start, end: start + rows })
    wanted -= rows
  }
  return taken
}
