// A memo: what an instruction on text has answered in this task, by the codes it was asked for. Direct-mapped; a newer answer
// replaces an older one in the same place. Layout: MEMO_… in portable/opcodes.ts.
import { MEMO_ENTRIES, MEMO_ENTRY_BYTES } from './portable/opcodes'

/** The entry in which the answer for (a, b) stands or will stand. */
// @ts-ignore: decorator
@inline
export function memoEntry(memo: usize, a: i32, b: i32): usize {
  return memo + <usize>((a + 31 * b) & (MEMO_ENTRIES - 1)) * MEMO_ENTRY_BYTES
}

// @ts-ignore: decorator
@inline
export function memoHolds(entry: usize, a: i32, b: i32): bool {
  return load<i32>(entry) == a + 1 && load<i32>(entry, 4) == b
}

// @ts-ignore: decorator
@inline
export function setMemo(entry: usize, a: i32, b: i32, answer: i64): void {
  store<i32>(entry, a + 1)
  store<i32>(entry, b, 4)
  store<i64>(entry, answer, 8)
}

// @ts-ignore: decorator
@inline
export function memoAnswer(entry: usize): i64 {
  return load<i64>(entry, 8)
}
