// Decoding by templates (json-template.ts): the shapes of the objects that have been seen.
// Objects of one source are nearly all alike, so that most are read by comparing literals and taking the values between them.
// Invariant: a template takes an object only if json.ts would, and gives the same row; else it leaves no trace. So which
// templates there are changes nothing but the time.
import { endPlainRow, markNull, row, takeBackRows } from './decode-columns'
import {
  FIELD_BYTES, FIELD_COLUMN, FIELD_KIND, FIELD_KIND_END, FIELD_KIND_MISSING, FIELD_KIND_SKIPPED, FIELD_KIND_VALUE, FIELD_LITERAL,
  FIELD_LITERAL_BITS, FIELD_LITERAL_BYTES, FIELD_SHIFT, FIELD_TYPE, FIELD_VALUES, TEMPLATE_FIELDS, TEMPLATE_NEXT, writeTemplate,
} from './json-template'
import { readValue, skipChecked } from './json-value'
import { DECODE_TEMPLATES, DECODE_TEMPLATE_BYTES, DECODE_TEMPLATE_COUNT } from './portable/layout'

// Objects that fit no template cost more with templates than without: where too many do, there are none for a while.
const CREDIT_MAX: i32 = 64
const CREDIT_OF_MISS: i32 = 8
const PAUSE_OBJECTS: i32 = 1024

const WORD_NULL: u32 = 0x6c6c756e

let templates: usize = 0
let templatesLearnt: u32 = 0
/** The template that fitted last, 0 for none. */
let current: usize = 0
let credit: i32 = 0
let pause: i32 = 0
let rowOfMiss: i32 = 0

/** Takes the room for templates that a decode descriptor gives, if it gives any. */
export function beginTemplates(decode: usize): void {
  templates = load<u32>(decode, DECODE_TEMPLATES)
  templatesLearnt = 0
  current = 0
  credit = CREDIT_MAX
  pause = 0
  rowOfMiss = row
}

/** Decodes the object at `p` into a row if a template fits; returns the address behind it, or 0. */
// @ts-ignore: decorator
@inline
export function decodeByTemplate(p: usize): usize {
  if (!current) return 0
  const next = <usize>load<u32>(current, TEMPLATE_NEXT)
  const end = decodeFields(next, p)
  if (!end) return decodeByOthers(next, p)
  current = next
  return end
}

function decodeByOthers(tried: usize, p: usize): usize {
  const count = min(templatesLearnt, DECODE_TEMPLATE_COUNT)
  for (let i: u32 = 0; i < count; i++) {
    const template = templateAt(i)
    const end: usize = template == tried ? 0 : decodeFields(template, p)
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

function decodeFields(template: usize, p: usize): usize {
  let field = template + TEMPLATE_FIELDS
  let hasNull = false
  while (hasLiteral(p, field)) {
    p += <usize>load<u32>(field, FIELD_LITERAL_BYTES)
    const kind = load<u32>(field, FIELD_KIND)
    if (kind == FIELD_KIND_VALUE) {
      const out = <usize>load<u32>(field, FIELD_VALUES) + (<usize>row << load<u32>(field, FIELD_SHIFT))
      const end = readValue(p, load<u32>(field, FIELD_TYPE), out)
      if (end) {
        p = end
      } else {
        if (load<u32>(p) != WORD_NULL) break
        markNull(load<u32>(field, FIELD_COLUMN))
        hasNull = true
        p += 4
      }
    } else if (kind == FIELD_KIND_END) {
      endPlainRow()
      return p
    } else if (kind == FIELD_KIND_SKIPPED) {
      const end = skipChecked(p)
      if (!end) break
      p = end
    } else if (kind == FIELD_KIND_MISSING) {
      markNull(load<u32>(field, FIELD_COLUMN))
      hasNull = true
    }
    field += FIELD_BYTES
  }
  if (hasNull) {
    endPlainRow()
    takeBackRows(row - 1)
  }
  return 0
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

/** Takes note of the object at `p`, which fitted no template and is right. */
export function learnTemplate(p: usize): void {
  if (!templates) return
  if (pause) {
    pause--
    return
  }
  credit = min(CREDIT_MAX, credit + row - rowOfMiss) - CREDIT_OF_MISS
  rowOfMiss = row
  if (credit < 0) {
    pause = PAUSE_OBJECTS
    credit = CREDIT_MAX
    current = 0
    templatesLearnt = 0
    return
  }
  const template = templateAt(templatesLearnt++)
  if (!writeTemplate(template, p)) return
  if (current) store<u32>(current, <u32>template, TEMPLATE_NEXT)
  current = template
}
