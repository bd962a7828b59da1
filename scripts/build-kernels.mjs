// Compiles the AssemblyScript kernels into dist/: the SIMD and the scalar build, from one source (ASC_FEATURE_SIMD branches
// fold), each in a process of its own so that two cores are used. Run alone while working on kernels; scripts/build.mjs runs
// it first.
import { spawn } from 'node:child_process'
import { mkdirSync, renameSync, rmSync } from 'node:fs'

const ASC = 'node_modules/assemblyscript/bin/asc.js'

/** File names by target of asconfig.json; a file is moved to dist/ when it is whole. */
const OUTPUTS = { simd: 'kernels.wasm', scalar: 'kernels.scalar.wasm' }
const BUILDING = `dist/.building-${process.pid}`

/** @param {keyof typeof OUTPUTS} target */
function compile(target) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [ASC, '--config', 'asconfig.json', '--target', target, '--outFile',
      `${BUILDING}/${OUTPUTS[target]}`], { stdio: 'inherit' })
    child.on('error', reject)
    child.on('exit', code => {
      if (code !== 0) return reject(new Error(`asc failed for target ${target}`))
      renameSync(`${BUILDING}/${OUTPUTS[target]}`, `dist/${OUTPUTS[target]}`)
      resolve(undefined)
    })
  })
}

mkdirSync(BUILDING, { recursive: true })
await Promise.all([compile('simd'), compile('scalar')])
rmSync(BUILDING, { recursive: true })
