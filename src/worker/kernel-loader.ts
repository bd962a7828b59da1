/**
 * Finds the kernels: the wasm file, else its inline copy, else the twin. A file counts only once it has been compiled and
 * instantiated: a server may answer with a page of HTML, and a content security policy may refuse at either step.
 */
import { MillraceError, messageOf } from '../base/errors.js'
import type { PlatformPort } from '../base/platform-port.js'
import { hasSimd, hasWebAssembly } from '../kernel/features.js'
import { wasmKernels } from '../kernel/wasm-kernels.js'
import type { ExecutorOptions } from '../plan/runtime.js'
import type { Capabilities } from '../plan/task.js'
import type { KernelChoice } from './protocol.js'

export interface LoadedKernels extends KernelChoice {
  readonly source: Capabilities['kernelSource']
  /** The module's bytes; null: the twin. */
  readonly bytes: Uint8Array | null
}

/**
 * @param failures takes a line for each try that failed.
 * @throws MillraceError UNSUPPORTED when `kernels` names a build that cannot be had.
 */
export async function loadKernels(platform: PlatformPort, options: ExecutorOptions, failures: string[]): Promise<LoadedKernels> {
  const { kernels, wasmUrl } = options
  const twin: LoadedKernels = { kind: 'reference', module: null, bytes: null, source: 'none' }
  if (kernels === 'reference') return twin
  const kind = kernels === 'auto' ? (hasSimd() ? 'simd' : 'scalar') : kernels
  if (hasWebAssembly()) {
    for (const file of platform.kernelFiles(kind, wasmUrl)) {
      try {
        const bytes = await file.load()
        const module = await WebAssembly.compile(bytes)
        wasmKernels(module, kind)
        return { kind, module, bytes: bytesOf(bytes), source: file.source }
      } catch (error) {
        failures.push(`kernels, ${file.source}: ${messageOf(error)}`)
      }
    }
  } else {
    failures.push('kernels: this host has no WebAssembly')
  }
  if (kernels === 'auto') return twin
  throw new MillraceError('UNSUPPORTED', `The ${kernels} kernels could not be loaded: ${failures.join('; ')}.`)
}

function bytesOf(source: BufferSource): Uint8Array {
  return ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source)
}
