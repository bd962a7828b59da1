/**
 * A kernel set from a compiled wasm module: instance, memory and allocator of one worker.
 * Invariant: the module imports `env.memory` and the functions of KernelHost, and nothing else.
 */
import { ABI_VERSION, ARENA_BASE } from '../../assembly/portable/layout.js'
import { MillraceError } from '../base/errors.js'
import { Arena } from './arena.js'
import { kernelHost } from './kernel-host.js'
import { KernelMemory } from './memory.js'
import type { KernelSet, Kernels } from './kernel-set.js'

const INITIAL_PAGES = 16

/**
 * Instantiates the kernels in a memory of their own. Synchronous: the module is compiled already.
 * @param kind which build the module is.
 * @throws MillraceError UNSUPPORTED when the module is of another build.
 */
export function wasmKernels(module: WebAssembly.Module, kind: 'simd' | 'scalar'): KernelSet {
  const wasmMemory = new WebAssembly.Memory({ initial: INITIAL_PAGES })
  const memory = new KernelMemory(wasmMemory as unknown as { buffer: ArrayBuffer; grow(pages: number): number })
  let set: KernelSet
  const host = kernelHost(() => set)
  const instance = new WebAssembly.Instance(module, { env: { memory: wasmMemory, ...host } })
  const kernels = instance.exports as unknown as Kernels & { readonly abiVersion?: () => number }
  const version = kernels.abiVersion?.()
  if (version !== ABI_VERSION) {
    throw new MillraceError('UNSUPPORTED',
      `the kernels have ABI version ${version}, this build needs ${ABI_VERSION}: they are of another build`)
  }
  set = { kind, memory, arena: new Arena(memory, ARENA_BASE), kernels }
  return set
}
