/**
 * The kernel sets that kernel tests run over: both wasm builds from `dist/` (or the folder named by KERNELS_DIR) and the twin.
 * Each call gives fresh ones, with memories of their own.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import type { KernelSet } from '../../src/kernel/kernel-set.js'
import { wasmKernels } from '../../src/kernel/wasm-kernels.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = process.env['KERNELS_DIR'] ?? join(root, 'dist')
const FILES = { simd: 'kernels.wasm', scalar: 'kernels.scalar.wasm' } as const

type Twin = { referenceKernels(): KernelSet }

// The twin is read by a computed name so that kernel tests run while it is being written.
const twinPath = '../../src/kernel/reference-kernels.js'
const twin = existsSync(join(root, 'src/kernel/reference-kernels.ts')) ? await import(/* @vite-ignore */ twinPath) as Twin : null

/** One build of the wasm kernels. */
export function wasmKernelSet(kind: 'simd' | 'scalar'): KernelSet {
  const path = join(folder, FILES[kind])
  if (!existsSync(path)) throw new Error(`${path} is missing: run \`node scripts/build-kernels.mjs\` first.`)
  return wasmKernels(new WebAssembly.Module(readFileSync(path)), kind)
}

/** SIMD, scalar, and the twin. */
export function kernelSets(): KernelSet[] {
  return [wasmKernelSet('simd'), wasmKernelSet('scalar'), ...(twin ? [twin.referenceKernels()] : [])]
}
