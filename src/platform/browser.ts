/**
 * The platform of browsers, and of Deno and Bun, which have their interfaces: files by `fetch`, module workers.
 * Invariant: the worker's and the kernels' addresses are written as literals in `new URL(…, import.meta.url)`, inside `new
 * Worker(…)` where it is one: that is the pattern that bundlers look for.
 */
import { MillraceError } from '../base/errors.js'
import type { PlatformPort, WorkerFile, WorkerPort } from '../base/platform-port.js'
import { inlineReferenceWorker, inlineWorker } from './inline-copy.js'
import { kernelFiles } from './kernel-files.js'
import { systemClock } from './system-clock.js'

const CORES_UNKNOWN = 2
/** A terminated worker surely runs no more after this time. */
const ENDED_MS = 10_000

export const browserPlatform: PlatformPort = {
  name: 'web',
  clock: systemClock,
  get cores() { return globalThis.navigator?.hardwareConcurrency ?? CORES_UNKNOWN },
  // Constructing shared memory proves nothing: pages that are not isolated can do it, and then not post it.
  canShareMemory: globalThis.crossOriginIsolated !== false && typeof SharedArrayBuffer === 'function',
  yieldToHost,
  createStorage: () => null,
  kernelFiles: (part, kind, wasmUrl) => kernelFiles(part, kind, wasmUrl, fetchBytes),
  workerFiles({ workerUrl, createWorker }, kernels) {
    if (kernels === 'reference') return typeof Worker === 'function' ? twinWorkerFiles : []
    if (createWorker) return [{ source: 'custom', start: () => customWorker(createWorker()) }]
    if (typeof Worker !== 'function') return []
    const inline: WorkerFile = { source: 'inline', start: () => startInline(inlineWorker) }
    if (workerUrl) return [{ source: 'url', start: () => portOf(new Worker(workerUrl, { type: 'module' })) }, inline]
    return [{ source: 'file', start: () => portOf(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })) },
      inline]
  },
}

async function fetchBytes(url: string | URL): Promise<BufferSource> {
  const response = await fetch(url)
  // A file read by Deno or a native shell has status 0.
  if (!response.ok && response.status !== 0) throw new MillraceError('UNSUPPORTED', `${String(url)} answered ${response.status}`)
  return response.arrayBuffer()
}

const twinWorkerFiles: readonly WorkerFile[] = [
  { source: 'file', start: () => portOf(new Worker(new URL('./worker.reference.js', import.meta.url), { type: 'module' })) },
  { source: 'inline', start: () => startInline(inlineReferenceWorker) },
]

async function startInline(source: () => Promise<string>): Promise<WorkerPort> {
  const url = URL.createObjectURL(new Blob([await source()], { type: 'text/javascript' }))
  const port = portOf(new Worker(url, { type: 'module' }))
  // The address must live until the worker has read it: it is let go with its first message or its end.
  const release = (): void => URL.revokeObjectURL(url)
  port.onMessage(release)
  port.onLost(release)
  return port
}

function customWorker(worker: unknown): WorkerPort {
  if (typeof (worker as Worker | null)?.postMessage === 'function') return portOf(worker as Worker)
  throw new MillraceError('INVALID_OPTION', 'createWorker must return a Worker.')
}

function portOf(worker: Worker): WorkerPort {
  return {
    postMessage: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage: listener => worker.addEventListener('message', ({ data }) => listener(data)),
    onLost(callback) {
      worker.addEventListener('error', event => {
        event.preventDefault()
        callback(event.message || 'its script could not be loaded')
      })
      worker.addEventListener('messageerror', () => callback('a message could not be read'))
    },
    terminate: () => worker.terminate(),
    // No event tells: browsers stop a script that does not stop by itself after two seconds or so.
    hasEnded: () => new Promise(resolve => { systemClock.setTimer(ENDED_MS, resolve) }),
  }
}

/** A task of the host's own queue: what waits there, input and painting included, comes first. */
function yieldToHost(): Promise<void> {
  const { scheduler } = globalThis as { scheduler?: { yield?: () => Promise<void> } }
  if (scheduler?.yield) return scheduler.yield()
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
