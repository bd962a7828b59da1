/**
 * A kernel set from a compiled wasm module: instance, memory and allocator of one worker.
 * Invariant: the module imports `env.memory` and the functions of KernelHost, and nothing else.
 */
import { ARENA_BASE } from '../../assembly/portable/layout.js'
import { Arena } from './arena.js'
import { kernelHost } from './kernel-host.js'
import { KernelMemory } from './memory.js'
import type { KernelSet, Kernels } from './kernel-set.js'

const INITIAL_PAGES = 16

/**
 * Instantiates the kernels in a memory of their own. Synchronous: the module is compiled already.
 * @param kind which build the module is.
 */
export function wasmKernels(module: WebAssembly.Module, kind: 'simd' | 'scalar'): KernelSet {
  const wasmMemory = new WebAssembly.Memory({ initial: INITIAL_PAGES })
  const memory = new KernelMemory(wasmMemory as unknown as { buffer: ArrayBuffer; grow(pages: number): number })
  let set: KernelSet
  const host = kernelHost(() => set)
  const instance = new WebAssembly.Instance(module, { env: { memory: wasmMemory, ...host } })
  set = { kind, memory, arena: new Arena(memory, ARENA_BASE), kernels: instance.exports as unknown as Kernels }
  return set
}
