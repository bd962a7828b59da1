/**
 * The partial half of an aggregation: the groups of one task, packed for the shuffle in one block, a part per partition.
 * Invariant: a group goes to the partition that its keys' content names, whichever task or worker wrote it.
 */
import type { ArenaScope } from '../kernel/arena.js'
import { packGroupTable, type AllocateBlock } from '../kernel/group-rows.js'
import type { GroupTable } from '../kernel/group-table.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import type { RowShape } from '../kernel/row-shape.js'
import type { TextTable } from '../kernel/text-table.js'
import type { ShuffleBlock } from '../plan/task.js'

/** The block of a task's groups, if it has any. Finishes the table's states: nothing can be added to it after. */
export function writePartialGroups(
  set: KernelSet, scope: ArenaScope, shape: RowShape, table: GroupTable,
  to: {
    readonly text: TextTable; readonly partitions: number; readonly shuffleId: number; readonly order: number
    readonly allocate: AllocateBlock
  },
): ShuffleBlock[] {
  if (table.count === 0) return []
  for (const { offset, flags, counts } of shape.layout.statistics) {
    set.kernels.finishStatistics(table.ptr, offset, flags, counts)
  }
  return [{ shuffleId: to.shuffleId, order: to.order, block: packGroupTable(set, scope, shape, table, to.text, to) }]
}
