/**
 * The inline copies of kernels and worker files that the build puts into the package: how the engine starts where files cannot
 * be found.
 * Invariant: reached by `import()` only, so that they cost nothing where the files are there.
 */
import { MillraceError } from '../base/errors.js'
import type { KernelPart } from '../base/platform-port.js'

/** A module of the kernels of one build. */
export async function inlineKernels(part: KernelPart, kind: 'simd' | 'scalar'): Promise<BufferSource> {
  const { kernelsBase64 } = kind === 'simd' ? await import('./kernels-inline.js') : await import('./kernels-scalar-inline.js')
  return Uint8Array.from(atob(there(kernelsBase64[part])), character => character.charCodeAt(0))
}

/** The source of the web worker. */
export async function inlineWorker(): Promise<string> {
  return there((await import('./worker-inline.js')).workerSource)
}

/** The source of the web worker that has the twin. */
export async function inlineReferenceWorker(): Promise<string> {
  return there((await import('./worker-reference-inline.js')).workerSource)
}

/** The source of the worker thread for Node. */
export async function inlineNodeWorker(): Promise<string> {
  return there((await import('./worker-node-inline.js')).workerSource)
}

/** The source of the worker thread for Node that has the twin. */
export async function inlineNodeReferenceWorker(): Promise<string> {
  return there((await import('./worker-node-reference-inline.js')).workerSource)
}

function there(copy: string): string {
  if (copy === '') throw new MillraceError('UNSUPPORTED',
    'there is no inline copy: this is the source tree, not the built package')
  return copy
}
