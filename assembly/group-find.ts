// `groupFind`: from the selected rows to their groups' state rows, by the quickest way that the keys allow.
// Invariant: every way gives the same groups under the same ids; new groups are entered in the order of the rows.
import { findDirect } from './direct-groups'
import { findHashed } from './hashed-groups'

/** Writes the address of each selected row's state row into the table's vectors, entering new groups. */
export function findGroups(frame: usize, table: usize, find: usize): void {
  if (!findDirect(frame, table, find)) findHashed(frame, table, find)
}
