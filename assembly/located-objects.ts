// Objects one behind the other: lines, or what is in a list. Their values are found for as many as there is room for, and then
// turned into columns.
// Invariant: objects are taken only if json.ts would take them, and give the same rows.
import { locateMembers } from './json-members'
import { learnTemplate, locateByTemplates } from './json-templates'
import { skipBlanks } from './json-text'
import { findLines } from './record-lines'
import { convertSpans } from './span-columns'
import {
  takeFewRows, takeMoreRows, openRecords, PLACE_BYTES, PLACE_RECORD, places, recordAt, setRecord, spanRows,
} from './value-spans'

const COMMA: u8 = 0x2c

/** Of the lines whose values were found last: how many fitted no template, and the last of them. */
let misses = 0
let lastMiss: usize = 0

/**
 * Decodes objects, a line each, from `p` on, as long as that is easy; returns the first line that is not, or `end`. `bytesMax`: a
 * longer one is not.
 */
export function decodeObjectLines(p: usize, end: usize, bytesMax: u32): usize {
  while (p < end) {
    const count = findLines(p, end, spanRows, bytesMax)
    if (!count) break
    const right = takeObjects(locateLines(count), count)
    p = recordAt(right)
    if (right < count) break
    if (misses) learnTemplate(lastMiss, misses, count)
  }
  return p
}

/** Decodes objects of a list, a comma behind each, from `p` on, as long as that is easy; returns the first that is not. */
export function decodeListedObjects(p: usize): usize {
  let isFull = true
  while (isFull) {
    const max = spanRows
    let count = 0
    setRecord(0, p)
    while (count < max) {
      const end = locateMembers(p, <usize>count * PLACE_BYTES)
      if (!end) break
      const comma = skipBlanks(end)
      if (load<u8>(comma) != COMMA) break
      p = skipBlanks(comma + 1)
      setRecord(++count, p)
    }
    const right = takeObjects(count, count)
    p = recordAt(right)
    isFull = right == max
  }
  return p
}

/** Turns the first `count` records into rows, of `found` that there are; returns how many of them are right. */
function takeObjects(count: i32, found: i32): i32 {
  const right = convertSpans(count, recordAt(0), recordAt(count))
  if (right < found) takeFewRows()
  else takeMoreRows()
  return right
}

/** Finds the values of the first `count` records; returns how many from the first on were easy. */
function locateLines(count: i32): i32 {
  openRecords(count)
  misses = locateByTemplates(count)
  const missesEnd = places + <usize>misses * PLACE_BYTES
  let easyEnd = <usize>count * PLACE_BYTES
  for (let place = places; place < missesEnd; place += PLACE_BYTES) {
    const p = <usize>load<u32>(place)
    const at = <usize>load<u32>(place, PLACE_RECORD)
    const end = locateMembers(p, at)
    if (end && skipBlanks(end) + 1 == recordAt(<i32>(at / PLACE_BYTES) + 1)) lastMiss = p
    else easyEnd = min(easyEnd, at)
  }
  return <i32>(easyEnd / PLACE_BYTES)
}
