/**
 * Finds the kernels: the wasm files, else their inline copies, else the twin. A file counts only once it has been compiled and
 * instantiated: a server may answer with a page of HTML, and a content security policy may refuse at either step.
 * Invariant: the module `kernels` decides what runs; the others come from the same build, when a plan first needs them.
 */
import { MillraceError, messageOf } from '../base/errors.js'
import type { KernelFile, KernelKind, KernelPart, PlatformPort } from '../base/platform-port.js'
import { hasSimd, hasWebAssembly } from '../kernel/features.js'
import { checkModule } from '../kernel/module-check.js'
import type { KernelModules } from '../kernel/wasm-kernels.js'
import type { ExecutorOptions } from '../plan/runtime.js'
import type { Capabilities } from '../plan/task.js'
import type { KernelChoice } from './protocol.js'

interface LoadedModule {
  readonly source: KernelFile['source']
  readonly bytes: Uint8Array
  readonly module: WebAssembly.Module
}

/** The kernels that were found. */
export class LoadedKernels {
  readonly kind: KernelKind
  readonly source: Capabilities['kernelSource']
  readonly #load: (part: KernelPart) => Promise<LoadedModule>
  readonly #loaded = new Map<KernelPart, Promise<LoadedModule>>()

  /** @param first the module `kernels`; null: the twin, which needs no module. */
  constructor(kind: KernelKind, first: LoadedModule | null, load: (part: KernelPart) => Promise<LoadedModule>) {
    this.kind = kind
    this.source = first?.source ?? 'none'
    this.#load = load
    if (first) this.#loaded.set('kernels', Promise.resolve(first))
  }

  /**
   * What a worker needs to run these parts.
   * @param isShared whether it works in memory that is shared.
   */
  async choose(parts: readonly KernelPart[], isShared: boolean): Promise<KernelChoice> {
    const { kind } = this
    if (kind === 'reference') return { kind, modules: null, sharedModules: null }
    const loaded = await Promise.all(parts.map(async part => ({ part, ...await this.#module(part) })))
    const modules = Object.fromEntries(loaded.map(({ part, module }) => [part, module])) as unknown as KernelModules
    if (!isShared) return { kind, modules, sharedModules: null }
    const { withSharedMemory } = await import('../kernel/shared-module.js')
    const shared = loaded.map(async ({ part, bytes }) => [part, await WebAssembly.compile(withSharedMemory(bytes))])
    return { kind, modules, sharedModules: Object.fromEntries(await Promise.all(shared)) as KernelModules }
  }

  #module(part: KernelPart): Promise<LoadedModule> {
    let loaded = this.#loaded.get(part)
    if (!loaded) this.#loaded.set(part, loaded = this.#load(part))
    return loaded
  }
}

/** The twin. */
export const twinKernels = new LoadedKernels('reference', null, part => Promise.reject(new Error(`the twin has no ${part}`)))

/**
 * @param failures takes a line for each try that failed.
 * @throws MillraceError UNSUPPORTED when `kernels` names a build that cannot be had.
 */
export async function loadKernels(platform: PlatformPort, options: ExecutorOptions, failures: string[]): Promise<LoadedKernels> {
  const { kernels } = options
  if (kernels === 'reference') return twinKernels
  const kind = kernels === 'auto' ? (hasSimd() ? 'simd' : 'scalar') : kernels
  if (!hasWebAssembly()) failures.push('kernels: this host has no WebAssembly')
  else {
    const files = (part: KernelPart): readonly KernelFile[] => platform.kernelFiles(part, kind, options.wasmUrl)
    const first = await loadModule('kernels', files('kernels'), failures)
    if (first) return new LoadedKernels(kind, first, async part => {
      // From where the first came, or what is tried after that.
      const places = files(part)
      const loaded = await loadModule(part, places.slice(places.findIndex(({ source }) => source === first.source)), failures)
      if (loaded) return loaded
      throw new MillraceError('UNSUPPORTED', `The ${part} of the ${kind} kernels could not be loaded: ${failures.join('; ')}.`)
    })
  }
  if (kernels === 'auto') return twinKernels
  throw new MillraceError('UNSUPPORTED', `The ${kernels} kernels could not be loaded: ${failures.join('; ')}.`)
}

/** The module from the first file that has it. */
async function loadModule(part: KernelPart, files: readonly KernelFile[], failures: string[]): Promise<LoadedModule | null> {
  for (const { source, load } of files) {
    try {
      const bytes = await load()
      const module = await WebAssembly.compile(bytes)
      checkModule(module)
      return { source, bytes: bytesOf(bytes), module }
    } catch (error) {
      failures.push(`${part}, ${source}: ${messageOf(error)}`)
    }
  }
  return null
}

function bytesOf(source: BufferSource): Uint8Array {
  return ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source)
}
