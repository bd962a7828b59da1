/**
 * Twin of assembly/timestamp-text.ts: times as text, by the reader of the row path and by Date.
 * Invariant: rows pushed as objects and rows decoded from bytes read the same text as the same time.
 */
import { parseTimestampText, TIMESTAMP_MS_MAX } from '../../data/timestamp-text.js'
import type { Kernels } from '../kernel-set.js'
import type { ReferenceContext } from './context.js'
import { latin1Text, trimBlanks } from './number.js'

export function timestampTextKernels({ memory }: ReferenceContext): Pick<Kernels, 'parseTimestamp' | 'formatTimestamp'> {
  return {
    parseTimestamp(ptr, length, out) {
      const value = parseTimestampText(trimBlanks(latin1Text(memory, ptr, length)))
      if (value === null) return 0
      memory.f64[out >>> 3] = value
      return 1
    },
    formatTimestamp(ms, out) {
      if (!(Math.abs(ms) <= TIMESTAMP_MS_MAX)) return 0
      const text = new Date(ms).toISOString()
      for (let i = 0; i < text.length; i++) memory.u8[out + i] = text.charCodeAt(i)
      return text.length
    },
  }
}
