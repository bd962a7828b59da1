// Compiles the AssemblyScript kernels into dist/: the SIMD and the scalar build, from one source (ASC_FEATURE_SIMD branches fold), each in a
// process of its own so that two cores are used. Run alone while working on kernels; scripts/build.mjs runs it first.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'

const ASC = 'node_modules/assemblyscript/bin/asc.js'

/** @param {string} target a target of asconfig.json */
function compile(target) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [ASC, '--config', 'asconfig.json', '--target', target], { stdio: 'inherit' })
    child.on('error', reject)
    child.on('exit', code => (code === 0 ? resolve(undefined) : reject(new Error(`asc failed for target ${target}`))))
  })
}

mkdirSync('dist', { recursive: true })
await Promise.all(['simd', 'scalar'].map(compile))
