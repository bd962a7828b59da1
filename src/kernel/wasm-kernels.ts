/**
 * A kernel set from compiled wasm modules: their instances in one memory, and the allocator of one worker.
 * Invariant: a module imports `env.memory`, the functions of KernelHost, and what another module gives; nothing else.
 */
import { ARENA_BASE } from '../../assembly/portable/layout.js'
import { assert } from '../base/errors.js'
import type { KernelPart } from '../base/platform-port.js'
import { Arena, OwnRegions, type RegionSource } from './arena.js'
import { BlockLoader } from './fused/block-loader.js'
import { kernelHost } from './kernel-host.js'
import { KernelMemory } from './memory.js'
import type { KernelSet, Kernels } from './kernel-set.js'
import { instantiate } from './module-check.js'

const INITIAL_PAGES = 16

/** A place in a memory that others use too. */
export interface HeapPlace {
  readonly memory: WebAssembly.Memory
  /** What may be allocated there. @param memory the views that are to show it. */
  regions(memory: KernelMemory): RegionSource
}

/** The compiled modules of a build; decoders and functions where a plan needs them. */
export type KernelModules = Readonly<Record<'kernels', WebAssembly.Module>> &
  Readonly<Partial<Record<Exclude<KernelPart, 'kernels'>, WebAssembly.Module>>>

/** What the module `functions` gives to the module `kernels`. */
interface FunctionKernels {
  runFunction(frame: number, instruction: number): void
}

/**
 * Instantiates the kernels in a memory of their own, or in a heap that others use too. Synchronous: the modules are compiled
 * already.
 * @param kind which build the modules are of.
 * @param place the modules must then be for shared memory.
 * @throws MillraceError UNSUPPORTED when a module is of another build.
 */
export function wasmKernels(modules: KernelModules, kind: 'simd' | 'scalar', place: HeapPlace | null = null): KernelSet {
  const wasmMemory = place?.memory ?? new WebAssembly.Memory({ initial: INITIAL_PAGES })
  const memory = new KernelMemory(wasmMemory)
  let set: KernelSet
  let functions: FunctionKernels | null = null
  const env = {
    memory: wasmMemory,
    ...kernelHost(() => set),
    runFunction: (frame: number, instruction: number) => {
      assert(functions, 'no functions')
      functions.runFunction(frame, instruction)
    },
  }
  const instance = instantiate(modules.kernels, env)
  const decoders = modules.decoders && instantiate(modules.decoders, env)
  functions = modules.functions ? instantiate(modules.functions, env) as unknown as FunctionKernels : null
  const kernels = { ...functions, ...decoders, ...instance } as unknown as Kernels
  memory.useBulk(kernels)
  const regions = place?.regions(memory) ?? new OwnRegions(memory, ARENA_BASE)
  const { table } = instance
  const blocks = table instanceof WebAssembly.Table ? new BlockLoader(wasmMemory, table) : null
  set = { kind, memory, arena: new Arena(memory, regions), kernels, blocks }
  return set
}
