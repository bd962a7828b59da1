/**
 * The kernels' build for shared memory: the same code, its memory import declared as shared. A module must say which kind it
 * imports, and that is all that differs, so the difference is made here and no further build is shipped.
 * Invariant: every byte but those of the import's limits stays as it is.
 */
import { assert } from '../base/errors.js'

const HEADER_BYTES = 8
const IMPORT_SECTION = 2
const KIND_FUNCTION = 0
const KIND_MEMORY = 2
const HAS_MAXIMUM = 1
/** Flags: shared, with a maximum. Initial and maximum: 1 and 65,536 pages. */
const SHARED_LIMITS = [3, 1, 128, 128, 4] as const

/** @param bytes a module that imports functions and a memory. @throws Error when it is none. */
export function withSharedMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const section = findImports(bytes)
  const limits = findMemoryLimits(bytes, section)
  const content = [...bytes.subarray(section.start, limits.start), ...SHARED_LIMITS, ...bytes.subarray(limits.end, section.end)]
  const parts = [bytes.subarray(0, section.sizeAt), encodeUnsigned(content.length), content, bytes.subarray(section.end)]
  const module = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    module.set(part, at)
    at += part.length
  }
  return module
}

interface Span {
  readonly start: number
  readonly end: number
}

function findImports(bytes: Uint8Array): Span & { readonly sizeAt: number } {
  for (let at = HEADER_BYTES; at < bytes.length;) {
    const sizeAt = at + 1
    const size = decodeUnsigned(bytes, sizeAt)
    const end = size.end + size.value
    if (bytes[at] === IMPORT_SECTION) return { sizeAt, start: size.end, end }
    at = end
  }
  throw new Error('the module imports nothing')
}

function findMemoryLimits(bytes: Uint8Array, { start, end }: Span): Span {
  let at = decodeUnsigned(bytes, start).end
  while (at < end) {
    // The names of the import: module and field.
    for (let name = 0; name < 2; name++) {
      const length = decodeUnsigned(bytes, at)
      at = length.end + length.value
    }
    const kind = bytes[at++]
    if (kind === KIND_MEMORY) {
      const initial = decodeUnsigned(bytes, at + 1)
      return { start: at, end: bytes[at]! & HAS_MAXIMUM ? decodeUnsigned(bytes, initial.end).end : initial.end }
    }
    assert(kind === KIND_FUNCTION, `the module imports something of kind ${kind}`)
    at = decodeUnsigned(bytes, at).end
  }
  throw new Error('the module imports no memory')
}

/** LEB128. */
function decodeUnsigned(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0
  let at = start
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!
    value |= (byte & 127) << shift
    if (byte < 128) return { value: value >>> 0, end: at }
  }
}

function encodeUnsigned(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest]
    bytes.push(rest & 127 | 128)
  }
}
