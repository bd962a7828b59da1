/**
 * The twin: the kernels once more, in plain TypeScript over the same memory layouts. It proves the wasm builds right and runs
 * where WebAssembly is refused.
 * Invariant: every exported kernel has a twin of the same name that leaves the same bits; one family per file in `reference/`.
 */
import { ARENA_BASE } from '../../assembly/portable/layout.js'
import { Arena, OwnRegions } from './arena.js'
import { kernelHost } from './kernel-host.js'
import type { Kernels, KernelSet } from './kernel-set.js'
import { KernelMemory, PlainMemory } from './memory.js'
import { byteKernels } from './reference/bytes.js'
import type { ReferenceContext } from './reference/context.js'
import { groupColumnKernels } from './reference/group-columns.js'
import { groupRowKernels } from './reference/group-rows.js'
import { groupTableKernels } from './reference/group-table.js'
import { decodeKernels } from './reference/decode.js'
import { hashKernels } from './reference/hash.js'
import { programKernels } from './reference/program.js'
import { statisticsKernels } from './reference/statistics.js'
import { numberKernels } from './reference/number.js'
import { rowTableKernels } from './reference/row-table.js'
import { textTableKernels } from './reference/text-table.js'
import { timestampTextKernels } from './reference/timestamp-text.js'

const INITIAL_PAGES = 16

/** A kernel set with a memory of its own that needs no WebAssembly. */
export function referenceKernels(): KernelSet {
  const memory = new KernelMemory(new PlainMemory(INITIAL_PAGES))
  let set: KernelSet
  const context: ReferenceContext = { memory, host: kernelHost(() => set) }
  const arena = new Arena(memory, new OwnRegions(memory, ARENA_BASE))
  set = { kind: 'reference', memory, arena, kernels: families(context), blocks: null }
  return set
}

/** Every family registers here, one line each. */
function families(context: ReferenceContext): Kernels {
  return {
    ...textTableKernels(context),
    ...byteKernels(context),
    ...hashKernels(context),
    ...programKernels(context),
    ...groupTableKernels(context),
    ...groupColumnKernels(context),
    ...statisticsKernels(context),
    ...rowTableKernels(context),
    ...groupRowKernels(context),
    ...decodeKernels(context),
    ...numberKernels(context),
    ...timestampTextKernels(context),
  }
}
