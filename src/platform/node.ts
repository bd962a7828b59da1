/**
 * The platform of Node: files by `fs`, threads by `worker_threads`. Where a bundler has taken the files away, the inline
 * copies serve. Worker files are CommonJS: a thread starts by a quarter sooner without the loader of modules.
 */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { Worker, type TransferListItem } from 'node:worker_threads'
import { MillraceError, messageOf } from '../base/errors.js'
import type { PlatformPort, WorkerFile, WorkerPort } from '../base/platform-port.js'
import { inlineNodeReferenceWorker, inlineNodeWorker } from './inline-copy.js'
import { kernelFiles } from './kernel-files.js'
import { systemClock } from './system-clock.js'

export const nodePlatform: PlatformPort = {
  name: 'node',
  clock: systemClock,
  get cores() { return availableParallelism() },
  canShareMemory: true,
  yieldToHost: () => new Promise(resolve => { setImmediate(resolve) }),
  createStorage: () => null,
  kernelFiles: (part, kind, wasmUrl) => kernelFiles(part, kind, wasmUrl, readAny),
  workerFiles({ workerUrl, createWorker }, kernels) {
    if (createWorker) return [{ source: 'custom', start: () => customWorker(createWorker()) }]
    const [file, inline] = kernels === 'reference' ? twinWorkerFiles : workerFiles
    return [workerUrl ? { source: 'url', start: () => portOf(new Worker(workerUrl)) } : file, inline]
  },
}

const workerFiles: readonly [WorkerFile, WorkerFile] = [
  { source: 'file', start: () => portOf(new Worker(new URL('./worker.node.cjs', import.meta.url))) },
  { source: 'inline', start: () => startInline(inlineNodeWorker) },
]

const twinWorkerFiles: typeof workerFiles = [
  { source: 'file', start: () => portOf(new Worker(new URL('./worker.node.reference.cjs', import.meta.url))) },
  { source: 'inline', start: () => startInline(inlineNodeReferenceWorker) },
]

async function readAny(url: string | URL): Promise<BufferSource> {
  const text = String(url)
  if (!/^https?:/.test(text)) return (await readFile(text.startsWith('file:') ? new URL(text) : text)) as Uint8Array<ArrayBuffer>
  const response = await fetch(url)
  if (!response.ok) throw new MillraceError('UNSUPPORTED', `${String(url)} answered ${response.status}`)
  return response.arrayBuffer()
}

async function startInline(source: () => Promise<string>): Promise<WorkerPort> {
  return portOf(new Worker(await source(), { eval: true }))
}

function customWorker(worker: unknown): WorkerPort {
  if (worker instanceof Worker) return portOf(worker)
  throw new MillraceError('INVALID_OPTION', 'createWorker must return a Worker of node:worker_threads.')
}

function portOf(worker: Worker): WorkerPort {
  const ended = new Promise<void>(resolve => { worker.once('exit', () => resolve()) })
  return {
    postMessage: (message, transfer) => worker.postMessage(message, transfer as TransferListItem[]),
    onMessage: listener => void worker.on('message', listener),
    onLost(callback) {
      worker.on('error', error => callback(messageOf(error)))
      worker.on('messageerror', error => callback(messageOf(error)))
      worker.on('exit', code => callback(`it ended with code ${code}`))
    },
    terminate: () => void worker.terminate(),
    hasEnded: () => ended,
  }
}
