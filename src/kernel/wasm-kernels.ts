/**
 * A kernel set from a compiled wasm module: instance, memory and allocator of one worker.
 * Invariant: the module imports `env.memory` and the functions of KernelHost, and nothing else.
 */
import { ABI_VERSION, ARENA_BASE } from '../../assembly/portable/layout.js'
import { MillraceError } from '../base/errors.js'
import { Arena, OwnRegions, type RegionSource } from './arena.js'
import { BlockLoader } from './fused/block-loader.js'
import { kernelHost } from './kernel-host.js'
import { KernelMemory } from './memory.js'
import type { KernelSet, Kernels } from './kernel-set.js'

const INITIAL_PAGES = 16

/** A place in a memory that others use too. */
export interface HeapPlace {
  readonly memory: WebAssembly.Memory
  /** What may be allocated there. @param memory the views that are to show it. */
  regions(memory: KernelMemory): RegionSource
}

/**
 * Instantiates the kernels in a memory of their own, or in a heap that others use too. Synchronous: the module is compiled
 * already.
 * @param kind which build the module is.
 * @param place the module must then be one for shared memory.
 * @throws MillraceError UNSUPPORTED when the module is of another build.
 */
export function wasmKernels(module: WebAssembly.Module, kind: 'simd' | 'scalar', place: HeapPlace | null = null): KernelSet {
  const wasmMemory = place?.memory ?? new WebAssembly.Memory({ initial: INITIAL_PAGES })
  const memory = new KernelMemory(wasmMemory)
  let set: KernelSet
  const host = kernelHost(() => set)
  const instance = new WebAssembly.Instance(module, { env: { memory: wasmMemory, ...host } })
  const kernels = instance.exports as unknown as Kernels & { readonly abiVersion?: () => number }
  const version = kernels.abiVersion?.()
  if (version !== ABI_VERSION) {
    throw new MillraceError('UNSUPPORTED',
      `the kernels have ABI version ${version}, this build needs ${ABI_VERSION}: they are of another build`)
  }
  memory.useBulk(kernels)
  const regions = place?.regions(memory) ?? new OwnRegions(memory, ARENA_BASE)
  const table = instance.exports['table']
  const blocks = table instanceof WebAssembly.Table ? new BlockLoader(wasmMemory, table) : null
  set = { kind, memory, arena: new Arena(memory, regions), kernels, blocks }
  return set
}
