/**
 * Twin of assembly/hash.ts: murmur3's finalizer for words and its 32-bit body for bytes.
 * Invariant: hashes are 32-bit integers with a sign here, as wasm gives them to JavaScript; the bits are the same.
 */
import type { Kernels } from '../kernel-set.js'
import type { KernelMemory } from '../memory.js'
import type { ReferenceContext } from './context.js'

/** Finalizer of murmur3. */
export function mixHash(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** Joins the hash of one more part to `h`; order matters. */
export function combineHash(h: number, part: number): number {
  return (Math.imul(rotateLeft(h ^ part, 13), 5) + 0xe6546b64) | 0
}

/** Hash of an eight-byte key word, given as its low and high half. */
export function hashWord(low: number, high: number): number {
  return mixHash(low ^ mixHash(high ^ 0x9e3779b9))
}

/** murmur3_32 of `length` bytes, seed 0. */
export function hashBytes(memory: KernelMemory, ptr: number, length: number): number {
  const { u8 } = memory
  const byte = (i: number): number => u8[ptr + i]!
  const whole = length & ~3
  let h = 0
  for (let i = 0; i < whole; i += 4) {
    h = combineHash(h, mixBlock(byte(i) | (byte(i + 1) << 8) | (byte(i + 2) << 16) | (byte(i + 3) << 24)))
  }
  let rest = 0
  for (let i = length - 1; i >= whole; i--) rest = (rest << 8) | byte(i)
  if (length > whole) h ^= mixBlock(rest)
  return mixHash(h ^ length)
}

function mixBlock(k: number): number {
  return Math.imul(rotateLeft(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593)
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

export function hashKernels({ memory }: ReferenceContext): Pick<Kernels, 'hashBytes'> {
  return { hashBytes: (ptr, length) => hashBytes(memory, ptr, length) }
}
