// Decoding by templates (json-template.ts): the shapes of the objects that have been seen.
// Objects of one source are nearly all alike, so that most are read by comparing literals and taking the values between them.
// Invariant: a template takes an object only if json.ts would, and gives the same row; else it leaves no trace. So which
// templates there are changes nothing but the time.
import {
  FIELD_BYTES, FIELD_KIND, FIELD_KIND_BARE, FIELD_KIND_END, FIELD_KIND_MISSING, FIELD_KIND_SKIPPED, FIELD_LITERAL,
  FIELD_LITERAL_BITS, FIELD_LITERAL_BYTES, FIELD_SPANS, FIELD_VALUE_BYTES, TEMPLATE_FIELDS, TEMPLATE_NEXT, writeTemplate,
} from './json-template'
import { skipValue } from './json-text'
import {
  DECODE_SPAN_BYTES, DECODE_SPAN_LENGTH, DECODE_TEMPLATES, DECODE_TEMPLATE_BYTES, DECODE_TEMPLATE_COUNT,
} from './portable/layout'

// Objects that fit no template cost more with templates than without: where too many do, there are none for a while.
const MISSES_OF_ALL = 8
/** In lots of objects, as they are decoded. */
const PAUSE = 16

let templates: usize = 0
/** Whether there is room for templates. */
export let hasTemplates = false
let templatesLearnt: u32 = 0
/** The template that fitted last, 0 for none. */
let current: usize = 0
let pause = 0

/** Takes the room for templates that a decode descriptor gives, if it gives any. */
export function beginTemplates(decode: usize): void {
  templates = load<u32>(decode, DECODE_TEMPLATES)
  hasTemplates = templates != 0
  templatesLearnt = 0
  current = 0
  pause = 0
}

/** Finds the values of the object at `p`, for row `row` of the spans, if a template fits; returns the address behind it, or 0. */
// @ts-ignore: decorator
@inline
export function locateByTemplate(p: usize, row: i32): usize {
  if (!current) return 0
  const next = <usize>load<u32>(current, TEMPLATE_NEXT)
  const end = locateFields(next, p, row)
  if (!end) return locateByOthers(next, p, row)
  current = next
  return end
}

function locateByOthers(tried: usize, p: usize, row: i32): usize {
  const count = min(templatesLearnt, DECODE_TEMPLATE_COUNT)
  for (let i: u32 = 0; i < count; i++) {
    const template = templateAt(i)
    const end: usize = template == tried ? 0 : locateFields(template, p, row)
    if (!end) continue
    store<u32>(current, <u32>template, TEMPLATE_NEXT)
    current = template
    return end
  }
  return 0
}

// @ts-ignore: decorator
@inline
function templateAt(i: u32): usize {
  return templates + <usize>(i % DECODE_TEMPLATE_COUNT) * DECODE_TEMPLATE_BYTES
}

function locateFields(template: usize, p: usize, row: i32): usize {
  let field = template + TEMPLATE_FIELDS
  if (!hasLiteral(p, field)) return 0
  const at = <usize>row * DECODE_SPAN_BYTES
  while (true) {
    p += <usize>load<u32>(field, FIELD_LITERAL_BYTES)
    const kind = load<u32>(field, FIELD_KIND)
    const next = field + FIELD_BYTES
    if (kind << 1 == FIELD_KIND_BARE) {
      // As long as the one before: as the machine guesses which way a branch goes, it need not wait for the end to be found.
      let end = p + <usize>load<u32>(field, FIELD_VALUE_BYTES)
      if (!hasLiteral(end, next)) {
        end = findStop(p, load<u8>(next, FIELD_LITERAL))
        if (!hasLiteral(end, next)) return 0
        store<u32>(field, <u32>(end - p), FIELD_VALUE_BYTES)
      }
      const span = <usize>load<u32>(field, FIELD_SPANS) + at
      store<u32>(span, <u32>p)
      store<u32>(span, <u32>(end - p) | kind, DECODE_SPAN_LENGTH)
      p = end
    } else {
      if (kind == FIELD_KIND_END) return p
      if (kind == FIELD_KIND_SKIPPED) {
        p = skipValue(p)
        if (!p) return 0
      } else if (kind == FIELD_KIND_MISSING) {
        store<u64>(<usize>load<u32>(field, FIELD_SPANS) + at, 0)
      }
      if (!hasLiteral(p, next)) return 0
    }
    field = next
  }
}

/** Address of the first byte from `p` that is `stop`, or of the line feed before it. */
function findStop(p: usize, stop: u8): usize {
  if (ASC_FEATURE_SIMD) {
    const stops = i8x16.splat(stop)
    while (true) {
      const v = v128.load(p)
      const marks = i8x16.bitmask(v128.or(i8x16.eq(v, stops), i8x16.eq(v, i8x16.splat(0x0a))))
      if (marks) return p + ctz(marks)
      p += 16
    }
  } else {
    while (load<u8>(p) != stop && load<u8>(p) != 0x0a) p++
    return p
  }
}

// @ts-ignore: decorator
@inline
function hasLiteral(p: usize, field: usize): bool {
  if (ASC_FEATURE_SIMD) {
    const bits = load<u32>(field, FIELD_LITERAL_BITS)
    let equal: u32 = i8x16.bitmask(i8x16.eq(v128.load(p), v128.load(field, FIELD_LITERAL)))
    if (bits > 0xffff) equal |= <u32>i8x16.bitmask(i8x16.eq(v128.load(p, 16), v128.load(field, FIELD_LITERAL + 16))) << 16
    return (equal & bits) == bits
  } else {
    return memory.compare(p, field + FIELD_LITERAL, load<u32>(field, FIELD_LITERAL_BYTES)) == 0
  }
}

/** Takes note of the object at `p`, one of `misses` among the last `count` that fitted no template; it is right. */
export function learnTemplate(p: usize, misses: i32, count: i32): void {
  if (pause) {
    pause--
    return
  }
  if (templatesLearnt >= <u32>DECODE_TEMPLATE_COUNT && misses > count / MISSES_OF_ALL) {
    pause = PAUSE
    current = 0
    templatesLearnt = 0
    return
  }
  const template = templateAt(templatesLearnt++)
  if (!writeTemplate(template, p)) return
  if (current) store<u32>(current, <u32>template, TEMPLATE_NEXT)
  current = template
}
