/**
 * How the engine finds kernels and workers, and what it does where it does not: each way down to the scheduler's own thread.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { memory, StreamingContext, type Capabilities, type StreamingContextOptions } from 'millrace'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/platform/manual-clock.js'
import { nodePlatform } from '../../src/platform/node.js'
import { PROTOCOL_VERSION } from '../../src/worker/protocol.js'
import { createRuntime } from '../../src/worker/runtime.js'
import { HANDSHAKE_MS } from '../../src/worker/worker-starter.js'

const NOWHERE = new URL('../../dist/nowhere.js', import.meta.url)
const thread = (script: string) => (): Worker => new Worker(script, { eval: true })

/** Runs a few rows through the built package and tells how it did it. */
async function run(options: StreamingContextOptions): Promise<Capabilities> {
  const context = new StreamingContext({ batchInterval: 0, ...options })
  const source = memory({ schema: { x: 'i32' } })
  const seen: number[] = []
  context.source(source).map(r => ({ y: r.x.mul(2) })).forEachRow(row => void seen.push(row.y))
  await context.start()
  await source.push([{ x: 1 }, { x: 2 }])
  source.end()
  await context.awaitTermination()
  expect(seen).toEqual([2, 4])
  return context.capabilities
}

describe('kernels', () => {
  it('come from the file, from the inline copy, or are the twin', async () => {
    expect(await run({ workers: 0 })).toMatchObject({ kernels: 'simd', kernelSource: 'file', failures: [] })
    const inline = await run({ workers: 0, wasmUrl: NOWHERE })
    expect(inline).toMatchObject({ kernels: 'simd', kernelSource: 'inline' })
    expect(inline.failures).toEqual([expect.stringMatching(/^kernels, url: ENOENT/)])
    expect(await run({ workers: 0, kernels: 'reference' })).toMatchObject({ kernels: 'reference', kernelSource: 'none' })
  })

  it('are not taken from a page of HTML', async () => {
    const html = await run({ workers: 0, kernels: 'scalar', wasmUrl: new URL('../../demo/index.html', import.meta.url) })
    expect(html).toMatchObject({ kernels: 'scalar', kernelSource: 'inline' })
    expect(html.failures[0]).toMatch(/^kernels, url: .*magic/)
  })

  it('are not taken from another build', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-kernels-'))
    const file = join(folder, 'older.wasm')
    // A module without anything: magic number and version.
    writeFileSync(file, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
    const older = await run({ workers: 0, wasmUrl: pathToFileURL(file) })
    expect(older).toMatchObject({ kernels: 'simd', kernelSource: 'inline' })
    expect(older.failures).toEqual([expect.stringMatching(/^kernels, url: the kernels have ABI version undefined/)])
    rmSync(folder, { recursive: true })
  })
})

describe('workers', () => {
  it('come from the file, or from the inline copy', async () => {
    expect(await run({ workers: 2 })).toMatchObject({ workers: 2, workerSource: 'file', failures: [] })
    const inline = await run({ workers: 2, workerUrl: NOWHERE })
    expect(inline).toMatchObject({ workers: 2, workerSource: 'inline' })
    expect(inline.failures).toEqual([expect.stringMatching(/^worker, url: Cannot find module/)])
  })

  it.each([
    ['end at once', 'process.exit(3)', 'it ended with code 3'],
    ['throw', 'throw new Error("no luck")', 'no luck'],
    ['are of another build', `const { parentPort } = require("node:worker_threads")
      parentPort.on("message", ({ call }) => parentPort.postMessage({ answered: call, answer: { value: 99 } }))`,
      `it speaks protocol 99, this is ${PROTOCOL_VERSION}: the worker file is of another build`],
  ])('that %s are done without', async (_, script, reason) => {
    const { workers, blockTransport, failures } = await run({ workers: 2, createWorker: thread(script) })
    expect({ workers, blockTransport }).toEqual({ workers: 0, blockTransport: 'none' })
    expect(failures).toEqual([`worker, custom: ${reason}`, `workers: tasks run on this thread, because ${reason}`])
  })

  it.each([['auto', 2], ['simd', 0]] as const)('that were started for kernels that are not to be had are ended, %s',
    async (kernels, left) => {
      const exits: Promise<unknown>[] = []
      const createWorker = (): Worker => {
        const worker = new Worker(new URL('../../dist/worker.node.reference.cjs', import.meta.url))
        exits.push(new Promise(resolve => worker.on('exit', resolve)))
        return worker
      }
      const starting = createRuntime({ ...nodePlatform, kernelFiles: () => [] })
        .createExecutor({ workers: 2, kernels, blockTransport: 'auto', createWorker })
      if (left === 0) await expect(starting).rejects.toThrow('The simd kernels could not be loaded')
      else expect((await starting).capabilities).toMatchObject({ kernels: 'reference', workers: left, sharedHeap: false })
      expect(exits.length).toBe(2 + left)
      await Promise.all(exits.slice(0, 2))
      if (left > 0) await (await starting).close()
      await Promise.all(exits)
    })

  it('that stay silent are given up after a time', async () => {
    const clock = new ManualClock()
    const exits: Promise<unknown>[] = []
    const createWorker = (): Worker => {
      const worker = thread('setInterval(() => {}, 1e6)')()
      exits.push(new Promise(resolve => worker.on('exit', resolve)))
      // The engine asks for its timer right after this.
      setImmediate(() => clock.advance(HANDSHAKE_MS))
      return worker
    }
    const executor = await createRuntime({ ...nodePlatform, clock })
      .createExecutor({ workers: 1, kernels: 'reference', blockTransport: 'auto', createWorker })
    expect(executor.capabilities)
      .toMatchObject({ workers: 0, failures: [`worker, custom: it did not answer within ${HANDSHAKE_MS} ms`, expect.anything()] })
    await exits[0]
    expect(clock.numTimers).toBe(0)
  })
})

describe('options', () => {
  it.each([
    [{ workers: 1.5 }, "workers must be 'auto' or a whole number from 0 to 64, not 1.5."],
    [{ partitions: 0 }, 'partitions must be a whole number from 1 to 1024, not 0.'],
    [{ kernels: 'fast' }, "kernels must be 'auto', 'simd', 'scalar' or 'reference', not 'fast'."],
    [{ checkpoint: {} }, "StreamingContext has no option 'checkpoint'"],
    [{ batchInterval: '1 fortnight' }, 'batchInterval: "1 fortnight" is not a duration'],
  ])('%o are refused', (options, message) => {
    expect(() => new StreamingContext(options as unknown as StreamingContextOptions)).toThrow(message)
  })
})
