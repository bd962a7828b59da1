// The order of text: by UTF-8 bytes, which is the order of code points.
import { textLength, textPtr } from './text-table'

/** Negative, 0 or positive as the text of code `a` stands before, is, or stands behind that of `b`. */
export function compareText(table: usize, a: i32, b: i32): i32 {
  if (a == b) return 0
  const lengthA = textLength(table, a)
  const lengthB = textLength(table, b)
  const order = memory.compare(textPtr(table, a), textPtr(table, b), min(lengthA, lengthB))
  return order ? order : lengthA - lengthB
}
