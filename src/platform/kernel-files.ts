/**
 * Where the modules of the kernels are: beside the package's own files, or where the user says; else inline.
 * Invariant: addresses are written as literals in `new URL(…, import.meta.url)`: that is the pattern that bundlers look for.
 */
import type { KernelFile, KernelPart } from '../base/platform-port.js'
import { inlineKernels } from './inline-copy.js'

const SCALAR: Readonly<Record<KernelPart, () => URL>> = {
  kernels: () => new URL('./kernels.scalar.wasm', import.meta.url),
  decoders: () => new URL('./decoders.scalar.wasm', import.meta.url),
  functions: () => new URL('./functions.wasm', import.meta.url),
}

const SIMD: typeof SCALAR = {
  kernels: () => new URL('./kernels.wasm', import.meta.url),
  decoders: () => new URL('./decoders.wasm', import.meta.url),
  functions: SCALAR.functions,
}

/** @param fetchBytes how this platform reads an address. */
export function kernelFiles(
  part: KernelPart, kind: 'simd' | 'scalar', wasmUrl: string | URL | undefined,
  fetchBytes: (url: string | URL) => Promise<BufferSource>,
): readonly KernelFile[] {
  const url = (kind === 'simd' ? SIMD : SCALAR)[part]
  const file: KernelFile = wasmUrl
    ? { source: 'url', load: () => fetchBytes(part === 'kernels' ? wasmUrl : besideOf(wasmUrl, nameOf(part, kind))) }
    : { source: 'file', load: () => fetchBytes(url()) }
  return [file, { source: 'inline', load: () => inlineKernels(part, kind) }]
}

/** As the package has it: `url()` may have been renamed by a bundler. */
function nameOf(part: KernelPart, kind: 'simd' | 'scalar'): string {
  return `${part}${kind === 'simd' || part === 'functions' ? '' : '.scalar'}.wasm`
}

function besideOf(file: string | URL, name: string): string {
  return String(file).replace(/[^/]*$/, name)
}
