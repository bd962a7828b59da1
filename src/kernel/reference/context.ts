/**
 * What the families of the twin share: the memory they work in and the host functions they may call, as the wasm kernels import
 * them. Invariant: a family is a function of this context that gives exported functions of the same names and results as the wasm
 * builds. Interning text or growing a table may replace the memory's buffer: ask `memory` for its views again after such a call.
 */
import type { KernelHost } from '../kernel-set.js'
import type { KernelMemory } from '../memory.js'

export interface ReferenceContext {
  readonly memory: KernelMemory
  readonly host: KernelHost
}
