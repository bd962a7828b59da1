// Compiles the AssemblyScript kernels into dist/: the SIMD and the scalar build, from one source (ASC_FEATURE_SIMD branches
// fold). Run alone while working on kernels; scripts/build.mjs runs it first.
import { mkdirSync } from 'node:fs'
import asc from 'assemblyscript/asc'

/** @param {string} target a target of asconfig.json */
async function compile(target) {
  const { error, stderr } = await asc.main(['--config', 'asconfig.json', '--target', target])
  if (error) {
    process.stderr.write(stderr.toString())
    throw error
  }
}

mkdirSync('dist', { recursive: true })
for (const target of ['simd', 'scalar']) await compile(target)
