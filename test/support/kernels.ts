/**
 * The kernel sets that kernel tests run over: both wasm builds from `dist/` (or the folder named by KERNELS_DIR) and the twin.
 * Each call gives fresh ones, with memories of their own.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KernelSet } from '../../src/kernel/kernel-set.js'
import { referenceKernels } from '../../src/kernel/reference-kernels.js'
import { wasmKernels } from '../../src/kernel/wasm-kernels.js'

const folder = process.env['KERNELS_DIR'] ?? fileURLToPath(new URL('../../dist', import.meta.url))
const FILES = { simd: 'kernels.wasm', scalar: 'kernels.scalar.wasm' } as const

/** One build of the wasm kernels. */
export function wasmKernelSet(kind: 'simd' | 'scalar'): KernelSet {
  const path = join(folder, FILES[kind])
  if (!existsSync(path)) throw new Error(`${path} is missing: run \`node scripts/build-kernels.mjs\` first.`)
  return wasmKernels(new WebAssembly.Module(readFileSync(path)), kind)
}

/** SIMD, scalar, and the twin. */
export function kernelSets(): KernelSet[] {
  return [wasmKernelSet('simd'), wasmKernelSet('scalar'), referenceKernels()]
}
