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
  readonly module: WebAssembly.Module
}

/** Makes a module's bytes those of the same module for another kind of memory. */
export type ModuleChange = (bytes: Uint8Array) => Uint8Array<ArrayBuffer>

/** The kernels that were found. */
export class LoadedKernels {
  readonly kind: KernelKind
  readonly source: Capabilities['kernelSource']
  /** Whether they work in memory that threads share. */
  readonly isShared: boolean
  readonly #load: (part: KernelPart) => Promise<LoadedModule>
  readonly #loaded = new Map<KernelPart, Promise<LoadedModule>>()

  /** @param first the module `kernels`; null: the twin, which needs no module. */
  constructor(
    kind: KernelKind, first: LoadedModule | null, isShared: boolean, load: (part: KernelPart) => Promise<LoadedModule>,
  ) {
    this.kind = kind
    this.source = first?.source ?? 'none'
    this.isShared = isShared
    this.#load = load
    if (first) this.#loaded.set('kernels', Promise.resolve(first))
  }

  /** What a worker needs to run these parts. */
  async choose(parts: readonly KernelPart[]): Promise<KernelChoice> {
    const { kind } = this
    if (kind === 'reference') return { kind, modules: null }
    const loaded = await Promise.all(parts.map(async part => [part, (await this.#module(part)).module] as const))
    return { kind, modules: Object.fromEntries(loaded) as unknown as KernelModules }
  }

  #module(part: KernelPart): Promise<LoadedModule> {
    let loaded = this.#loaded.get(part)
    if (!loaded) this.#loaded.set(part, loaded = this.#load(part))
    return loaded
  }
}

/** The twin. */
export const twinKernels =
  new LoadedKernels('reference', null, false, part => Promise.reject(new Error(`the twin has no ${part}`)))

/** What `loadKernels` will find if nothing goes wrong. */
export function expectedKind({ kernels }: ExecutorOptions): KernelKind {
  return kernels === 'reference' || !hasWebAssembly() ? 'reference' : buildOf(kernels)
}

function buildOf(kernels: 'auto' | 'simd' | 'scalar'): 'simd' | 'scalar' {
  return kernels !== 'auto' ? kernels : hasSimd() ? 'simd' : 'scalar'
}

/**
 * @param failures takes a line for each try that failed.
 * @param change gives what to do with the modules' bytes, or null; awaited while files are on their way.
 * @throws MillraceError UNSUPPORTED when `kernels` names a build that cannot be had.
 */
export async function loadKernels(
  platform: PlatformPort, options: ExecutorOptions, failures: string[],
  change: Promise<ModuleChange | null> = Promise.resolve(null),
): Promise<LoadedKernels> {
  const { kernels } = options
  if (kernels === 'reference') return twinKernels
  const kind = buildOf(kernels)
  if (!hasWebAssembly()) failures.push('kernels: this host has no WebAssembly')
  else {
    const files = (part: KernelPart): readonly KernelFile[] => platform.kernelFiles(part, kind, options.wasmUrl)
    const first = await loadModule('kernels', files('kernels'), failures, change)
    const isShared = await change !== null
    if (first) return new LoadedKernels(kind, first, isShared, async part => {
      // From where the first came, or what is tried after that.
      const places = files(part)
      const from = places.findIndex(({ source }) => source === first.source)
      const loaded = await loadModule(part, places.slice(from), failures, change)
      if (loaded) return loaded
      throw new MillraceError('UNSUPPORTED', `The ${part} of the ${kind} kernels could not be loaded: ${failures.join('; ')}.`)
    })
  }
  if (kernels === 'auto') return twinKernels
  throw new MillraceError('UNSUPPORTED', `The ${kernels} kernels could not be loaded: ${failures.join('; ')}.`)
}

/** The module from the first file that has it. */
async function loadModule(
  part: KernelPart, files: readonly KernelFile[], failures: string[], change: Promise<ModuleChange | null>,
): Promise<LoadedModule | null> {
  for (const { source, load } of files) {
    try {
      const [bytes, changed] = await Promise.all([load(), change])
      const module = await WebAssembly.compile(changed ? changeOrKeep(bytes, changed) : bytes)
      checkModule(module, changed !== null)
      return { source, module }
    } catch (error) {
      failures.push(`${part}, ${source}: ${messageOf(error)}`)
    }
  }
  return null
}

/** What is no module stays as it is: compiling it tells what it is. */
function changeOrKeep(source: BufferSource, change: ModuleChange): Uint8Array<ArrayBuffer> {
  const bytes = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source)
  try {
    return change(bytes)
  } catch {
    return bytes as Uint8Array<ArrayBuffer>
  }
}
