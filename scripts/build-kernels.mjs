// Compiles the AssemblyScript kernels into dist/: a SIMD and a scalar build from one source (ASC_FEATURE_SIMD branches fold),
// each in a process of its own, as many at a time as there are cores. Run alone while working on kernels; scripts/build.mjs runs
// it first.
import { spawn } from 'node:child_process'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'

const ASC = 'node_modules/assemblyscript/bin/asc.js'

/**
 * By file: entry, target of asconfig.json, and where the module's static data lies: apart, since modules share one memory, and
 * below ARENA_BASE. Functions that are compiled at run time are called through the kernels' table. Functions have no SIMD.
 */
const KERNELS = ['assembly/index.ts', '--memoryBase', '1024', '--exportTable', '--target']
const DECODERS = ['assembly/decoders.ts', '--memoryBase', '32768', '--target']
const MODULES = {
  'kernels.wasm': [...KERNELS, 'simd'],
  'kernels.scalar.wasm': [...KERNELS, 'scalar'],
  'decoders.wasm': [...DECODERS, 'simd'],
  'decoders.scalar.wasm': [...DECODERS, 'scalar'],
  'functions.wasm': ['assembly/functions.ts', '--memoryBase', '49152', '--target', 'scalar'],
}

/** A file is moved to dist/ when it is whole. */
const BUILDING = `dist/.building-${process.pid}`

/** @param {string} file */
function compile(file) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath,
      [ASC, ...MODULES[file], '--config', 'asconfig.json', '--outFile', `${BUILDING}/${file}`], { stdio: 'inherit' })
    child.on('error', reject)
    child.on('exit', code => {
      if (code !== 0) return reject(new Error(`asc failed for ${file}`))
      renameSync(`${BUILDING}/${file}`, `dist/${file}`)
      resolve(undefined)
    })
  })
}

mkdirSync(BUILDING, { recursive: true })
const waiting = Object.keys(MODULES)
await Promise.all(Array.from({ length: availableParallelism() }, async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) await compile(next)
}))
rmSync(BUILDING, { recursive: true })
