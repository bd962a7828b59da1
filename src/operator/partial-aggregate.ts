/**
 * The partial half of an aggregation: the groups of one task, split by partition and packed for the shuffle.
 * Invariant: a group goes to the partition that its keys' content names, whichever task or worker wrote it.
 */
import type { AggregateLayout } from '../kernel/aggregate-layout.js'
import type { ArenaScope } from '../kernel/arena.js'
import { finishStates, readPartialRows } from '../kernel/group-reader.js'
import type { GroupTable } from '../kernel/group-table.js'
import { unloadColumns } from '../kernel/kernel-columns.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import type { TextTable } from '../kernel/text-table.js'
import type { ShuffleBlock } from '../plan/task.js'

/**
 * The blocks of a task's groups, one per partition that has any, in partition order. Finishes the table's states: nothing can
 * be added to it after.
 */
export function writePartialGroups(
  set: KernelSet, scope: ArenaScope, layout: AggregateLayout, table: GroupTable,
  to: { readonly text: TextTable; readonly partitions: number; readonly shuffleId: number; readonly order: number },
): ShuffleBlock[] {
  finishStates(set, layout, table)
  return table.partition(scope, to.partitions).flatMap((groups, partitionIndex) => {
    if (groups.count === 0) return []
    const block = unloadColumns(set, readPartialRows(set, scope, layout, table, groups), to.text)
    return [{ shuffleId: to.shuffleId, partitionIndex, order: to.order, block }]
  })
}
