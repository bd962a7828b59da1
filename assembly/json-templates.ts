// Decoding by templates (json-template.ts): the shapes of the lines that have been seen.
// Lines of one source are nearly all alike, so that literals are compared and values found field by field, in many lines one
// after the other: what belongs to a field stays in registers meanwhile.
// Invariant: a template takes a line only if json.ts would, should its values be right, and gives the same row. So which
// templates there are changes nothing but the time.
import {
  FIELD_BYTES, FIELD_KIND, FIELD_KIND_BARE, FIELD_KIND_END, FIELD_KIND_MISSING, FIELD_KIND_SKIPPED, FIELD_LITERAL,
  FIELD_LITERAL_BYTES, FIELD_MASK, FIELD_SPANS, FIELD_STOPS, writeTemplate,
} from './json-template'
import { skipValue } from './json-text'
import { DECODE_TEMPLATES, DECODE_TEMPLATE_BYTES, DECODE_TEMPLATE_COUNT } from './portable/layout'
import { PLACE_BYTES, PLACE_RECORD, places, records, setPlace, setSpan } from './value-spans'

// Lines that fit no template cost more with templates than without: where too many do, there are none for a while.
const MISSES_OF_ALL = 8
/** In lots of lines, as they are decoded. */
const PAUSE = 16

// Lies in memory: V8 would make it anew for each value.
const lineFeeds = memory.data<u64>([0x0a0a0a0a0a0a0a0a, 0x0a0a0a0a0a0a0a0a], 16)

let templates: usize = 0
/** Whether there is room for templates. */
export let hasTemplates = false
let templatesLearnt: u32 = 0
let pause = 0

/** Takes the room for templates that a decode descriptor gives, if it gives any. */
export function beginTemplates(decode: usize): void {
  templates = load<u32>(decode, DECODE_TEMPLATES)
  hasTemplates = templates != 0
  templatesLearnt = 0
  pause = 0
}

// @ts-ignore: decorator
@inline
function templateAt(i: u32): usize {
  return templates + <usize>i * DECODE_TEMPLATE_BYTES
}

/** Finds the values at the first `count` places by templates; returns how many fit none: theirs come first then. */
export function locateByTemplates(count: i32): i32 {
  for (let i: u32 = 0; i < templatesLearnt && count; i++) count = locateFields(templateAt(i), count)
  return count
}

/** Finds the values of records that fit a template; returns how many do not: their places come first then. */
function locateFields(field: usize, count: i32): i32 {
  const end = places + <usize>count * PLACE_BYTES
  let kind: u32
  do {
    kind = load<u32>(field, FIELD_KIND)
    if (kind << 1 == FIELD_KIND_BARE) locateValues(field, end)
    else passField(field, kind, end)
    field += FIELD_BYTES
  } while (kind != FIELD_KIND_END)
  let to = places
  for (let place = places; place < end; place += PLACE_BYTES) {
    if (load<u32>(place)) continue
    const at = <usize>load<u32>(place, PLACE_RECORD)
    setPlace(to, load<u32>(records + (at >> 1)), at)
    to += PLACE_BYTES
  }
  return <i32>((to - places) / PLACE_BYTES)
}

/** Goes from a field's literal to behind the value that follows, at the places up to `end`; those without it become 0. */
function locateValues(field: usize, end: usize): void {
  const literalBytes = <usize>load<u32>(field, FIELD_LITERAL_BYTES)
  const quoted = load<u32>(field, FIELD_KIND)
  const spans = <usize>load<u32>(field, FIELD_SPANS)
  for (let place = places; place < end; place += PLACE_BYTES) {
    let p = <usize>load<u32>(place)
    let valueEnd: usize = 0
    if (hasLiteral(p, field)) {
      p += literalBytes
      valueEnd = findStop(p, field)
      setSpan(spans + <usize>load<u32>(place, PLACE_RECORD), p, valueEnd, quoted)
    }
    store<u32>(place, <u32>valueEnd)
  }
}

/** The same where no value follows that is wanted. */
function passField(field: usize, kind: u32, end: usize): void {
  const spans = <usize>load<u32>(field, FIELD_SPANS)
  const literalBytes = <usize>load<u32>(field, FIELD_LITERAL_BYTES)
  for (let place = places; place < end; place += PLACE_BYTES) {
    let p = <usize>load<u32>(place)
    if (!p) continue
    p = hasLiteral(p, field) ? p + literalBytes : 0
    if (kind == FIELD_KIND_SKIPPED) p = p && skipValue(p)
    else if (kind == FIELD_KIND_MISSING) store<u64>(spans + <usize>load<u32>(place, PLACE_RECORD), 0)
    store<u32>(place, <u32>p)
  }
}

/** Address of the byte that ends a value which begins at `p`, or of the line feed before it. */
// @ts-ignore: decorator
@inline
function findStop(p: usize, field: usize): usize {
  if (ASC_FEATURE_SIMD) {
    const text = v128.load(p)
    const marks = i8x16.bitmask(
      v128.or(i8x16.eq(text, v128.load(field, FIELD_STOPS)), i8x16.eq(text, v128.load(lineFeeds))))
    if (marks) return p + ctz(marks)
  }
  return findFar(p, load<u8>(field, FIELD_STOPS))
}

function findFar(p: usize, stop: u8): usize {
  while (load<u8>(p) != stop && load<u8>(p) != 0x0a) p++
  return p
}

// @ts-ignore: decorator
@inline
function hasLiteral(p: usize, field: usize): bool {
  if (ASC_FEATURE_SIMD) {
    return !v128.any_true(v128.and(v128.xor(v128.load(p), v128.load(field, FIELD_LITERAL)), v128.load(field, FIELD_MASK)))
  } else {
    return !((load<u64>(p) ^ load<u64>(field, FIELD_LITERAL)) & load<u64>(field, FIELD_MASK) |
      (load<u64>(p, 8) ^ load<u64>(field, FIELD_LITERAL + 8)) & load<u64>(field, FIELD_MASK + 8))
  }
}

/** Takes note of the line at `p`, one of `misses` among the last `count` that fitted no template; it is right. */
export function learnTemplate(p: usize, misses: i32, count: i32): void {
  if (pause) {
    pause--
  } else if (templatesLearnt < <u32>DECODE_TEMPLATE_COUNT) {
    if (writeTemplate(templateAt(templatesLearnt), p)) templatesLearnt++
    else pause = PAUSE
  } else if (misses > count / MISSES_OF_ALL) {
    templatesLearnt = 0
    pause = PAUSE
  }
}
