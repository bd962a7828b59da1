// Objects one behind the other: lines, or what is in a list. Their values are found record by record, for as many as there is
// room for, and then turned into columns.
// Invariant: objects are taken only if json.ts would take them, and give the same rows.
import { locateMembers } from './json-members'
import { learnTemplate, locateByTemplate } from './json-templates'
import { skipBlanks } from './json-text'
import { convertSpans } from './span-columns'
import { afterFailure, afterSuccess, recordAt, setRecord, spanRows } from './value-spans'

const LINE_FEED: u8 = 0x0a

/** Of the objects found since `misses` was 0: how many fitted no template, and the last of them. */
let misses = 0
let lastMiss: usize = 0

/**
 * Decodes objects from `p` on, each with `separator` behind it, as long as that is easy; returns the first that is not, or `end`.
 * `bytesMax`: a longer one is not.
 */
export function decodeObjects(p: usize, end: usize, separator: u8, bytesMax: u32): usize {
  let isFull = true
  while (isFull) {
    const first = p
    let count = 0
    misses = 0
    while (count < spanRows && p < end) {
      const next = locateObject(p, count, separator, bytesMax)
      if (!next) break
      setRecord(count++, p)
      p = next
    }
    const right = convertSpans(count, first, p)
    if (right < count) {
      afterFailure()
      return recordAt(right)
    }
    if (misses) learnTemplate(lastMiss, misses, count)
    isFull = count == spanRows
    if (isFull) afterSuccess()
  }
  return p
}

/** Finds the values of the object at `p` for row `row` of the spans; returns where the next one begins, or 0. */
// @ts-ignore: decorator
@inline
function locateObject(p: usize, row: i32, separator: u8, bytesMax: u32): usize {
  let end = locateByTemplate(p, row)
  const isMiss = !end
  if (isMiss) {
    end = locateMembers(p, row)
    if (!end) return 0
  }
  if (load<u8>(end) != separator) end = skipBlanks(end)
  if (load<u8>(end) != separator || end - p > <usize>bytesMax) return 0
  if (isMiss) {
    misses++
    lastMiss = p
  }
  return separator == LINE_FEED ? end + 1 : skipBlanks(end + 1)
}
