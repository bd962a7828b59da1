/**
 * The kernel sets that kernel tests run over: both wasm builds from `dist/` (or the folder named by KERNELS_DIR) and the twin.
 * Each call gives fresh ones, with memories of their own.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KernelSet } from '../../src/kernel/kernel-set.js'
import { referenceKernels } from '../../src/kernel/reference-kernels.js'
import { wasmKernels, type KernelModules } from '../../src/kernel/wasm-kernels.js'

const folder = process.env['KERNELS_DIR'] ?? fileURLToPath(new URL('../../dist', import.meta.url))
const ENDINGS = { simd: '.wasm', scalar: '.scalar.wasm' } as const

/** All modules of one build. @param change of their bytes. */
export function kernelModules(
  kind: 'simd' | 'scalar', change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> = bytes => bytes,
): KernelModules {
  const module = (file: string): WebAssembly.Module => {
    const path = join(folder, file)
    if (!existsSync(path)) throw new Error(`${path} is missing: run \`node scripts/build-kernels.mjs\` first.`)
    return new WebAssembly.Module(change(new Uint8Array(readFileSync(path))))
  }
  return { kernels: module(`kernels${ENDINGS[kind]}`), decoders: module(`decoders${ENDINGS[kind]}`),
    functions: module('functions.wasm') }
}

/** One build of the wasm kernels. */
export function wasmKernelSet(kind: 'simd' | 'scalar'): KernelSet {
  return wasmKernels(kernelModules(kind), kind)
}

/** SIMD, scalar, and the twin. */
export function kernelSets(): KernelSet[] {
  return [wasmKernelSet('simd'), wasmKernelSet('scalar'), referenceKernels()]
}
