/** Twin of assembly/bytes.ts: clearing and copying. */
import type { Kernels } from '../kernel-set.js'
import type { ReferenceContext } from './context.js'

export function byteKernels({ memory }: ReferenceContext): Pick<Kernels, 'zeroBytes' | 'copyBytes'> {
  return {
    zeroBytes: (ptr, bytes) => void memory.u8.fill(0, ptr, ptr + bytes),
    copyBytes: (to, from, bytes) => void memory.u8.copyWithin(to, from, from + bytes),
  }
}
