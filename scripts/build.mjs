// Builds the package into dist/: the kernels; the worker files, each self-contained and minified; the entries, with inline
// copies of kernels and workers as modules that are loaded only where the files cannot be reached; the declarations.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { rolldown } from 'rolldown'

/**
 * Files are written here and moved to dist/ when they are whole: whoever runs the package meanwhile sees the old file or the
 * new one.
 */
const BUILDING = `dist/.building-${process.pid}`

/** Sources that stand for modules of src/, by file name: inline copies, filled in as the files are built, and names. */
const standIns = new Map()

const standInsPlugin = {
  name: 'stand-ins',
  load: {
    filter: { id: /(-inline|opcode-names)\.ts$/ },
    handler(id) {
      const code = standIns.get(/([a-z-]+)\.ts$/.exec(id)[1])
      return code && { code, moduleType: 'js' }
    },
  },
}

/** Not the entries, nor the platforms that they wire. @param {string} id */
const isShared = id => !/(src\/\w+|platform\/(node|browser|memory|manual-clock))\.ts$|node-adapter/.test(id)

/** Modules that are loaded on demand, each a chunk with all that no other needs; what several need is one more, not one each. */
const ON_DEMAND = ['page-heap', 'inline-executor', 'reference-kernels']

/** @param {string} engine */
const chunkGroup = engine => ({
  debugName: engine,
  name(/** @type {string} */ id, /** @type {ModuleContext} */ context) {
    if (!isShared(id)) return null
    if (isReached(id, context, ({ isEntry }) => isEntry)) return engine
    const users = ON_DEMAND.filter(name => isReached(id, context, info => info.id.endsWith(`/${name}.ts`)))
    return users.length > 1 ? `${engine}-memory` : null
  },
})

/**
 * Whether a module is loaded with another: what programs load at once is all that an entry imports, but not what is imported
 * when it is needed (the executor on the page's own thread, the twin, the inline copies), which becomes chunks of its own.
 * @typedef {{ id: string, importers: string[], isEntry: boolean }} ModuleInfo
 * @typedef {{ getModuleInfo(id: string): ModuleInfo | null }} ModuleContext
 * @param {string} id @param {ModuleContext} context @param {(info: ModuleInfo) => boolean} isFrom
 */
function isReached(id, context, isFrom, seen = new Set()) {
  if (seen.has(id)) return false
  seen.add(id)
  const info = context.getModuleInfo(id)
  if (!info) return false
  return isFrom(info) || info.importers.some(importer => isReached(importer, context, isFrom, seen))
}

/**
 * @param {Record<string, string>} input entries by output name
 * @param {{ platform?: 'browser' | 'node', format?: 'esm' | 'cjs', minify?: boolean, engine?: string }} [options] `engine`: the
 * name of the chunk that entries share
 */
async function bundle(input, { platform = 'browser', format = 'esm', minify = false, engine } = {}) {
  const build = await rolldown({
    input,
    platform,
    external: /^node:/,
    plugins: [standInsPlugin],
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] }, mainFields: ['module', 'main'] },
  })
  await build.write({
    dir: BUILDING, format, minify, comments: { legal: true, jsdoc: false },
    entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].js', chunkFileNames: '[name].js',
    ...(engine ? { codeSplitting: { groups: [chunkGroup(engine)] } } : {}),
  })
  await build.close()
  for (const file of readdirSync(BUILDING)) renameSync(`${BUILDING}/${file}`, `dist/${file}`)
}

/** @param {string} name in dist/ @param {'base64' | 'utf8'} encoding */
const literal = (name, encoding) => JSON.stringify(readFileSync(`dist/${name}`).toString(encoding))

/** The names of the opcodes as one text: a number is the opcode of the name behind it, each further name that of the next one. */
async function opcodeNames() {
  const build = await rolldown({ input: 'src/kernel/opcode-names.ts', resolve: { extensionAlias: { '.js': ['.ts'] } } })
  const { output: [{ code }] } = await build.generate({ format: 'esm' })
  await build.close()
  const { OPCODE_NAMES } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  let next = -1
  const list = [...OPCODE_NAMES].sort(([a], [b]) => a - b).map(([op, name]) => {
    const isNext = op === next
    next = op + 1
    return isNext ? name : `${op} ${name}`
  })
  return `export const OPCODE_NAMES = new Map
let op
for (const word of ${JSON.stringify(list.join(' '))}.split(' ')) if (word >= 0) op = +word; else OPCODE_NAMES.set(op++, word)`
}

// --keep-kernels: those in dist/ are taken as they are, for work on the rest.
if (!process.argv.includes('--keep-kernels')) await import('./build-kernels.mjs')
await bundle({ 'worker': 'src/worker.ts' }, { minify: true })
await bundle({ 'worker.reference': 'src/worker.reference.ts' }, { minify: true })
for (const name of ['worker.node', 'worker.node.reference']) {
  await bundle({ [name]: `src/${name}.ts` }, { platform: 'node', format: 'cjs', minify: true })
}

standIns.set('opcode-names', await opcodeNames())
for (const [copy, build] of [['kernels', ''], ['kernels-scalar', '.scalar']]) {
  const parts = { kernels: `kernels${build}.wasm`, decoders: `decoders${build}.wasm`, functions: 'functions.wasm' }
  standIns.set(`${copy}-inline`, `export const kernelsBase64 = {${Object.entries(parts).map(([part, file]) =>
    `${part}: ${literal(file, 'base64')}`).join()}}`)
}
standIns.set('worker-inline', `export const workerSource = ${literal('worker.js', 'utf8')}`)
standIns.set('worker-reference-inline', `export const workerSource = ${literal('worker.reference.js', 'utf8')}`)
standIns.set('worker-node-reference-inline', `export const workerSource = ${literal('worker.node.reference.cjs', 'utf8')}`)
standIns.set('worker-node-inline', `export const workerSource = ${literal('worker.node.cjs', 'utf8')}`)

// Together, so that what they have in common is one module, engine.js: a program may take names from several of them.
await bundle({ index: 'src/index.ts', node: 'src/node.ts', testing: 'src/testing.ts' },
  { engine: 'engine' })
for (const folder of ['dist/types', BUILDING]) rmSync(folder, { recursive: true, force: true })
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
