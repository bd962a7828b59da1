/**
 * Workers that can be made to die. A page is not told when a worker is terminated from outside, so these end as workers do that
 * meet a fault: by an error that nobody catches.
 */
/// <reference types="vite/client" />
import workerUrl from '../../dist/worker.js?url&no-inline'

const DEATH = 'die'

/** Makes workers that run the package's worker file, and kills the one asked for. */
export function doomedWorkers() {
  const workers: Worker[] = []
  // A static import: the messages that come while the file loads must wait for its listener.
  const script = `
    import ${JSON.stringify(new URL(workerUrl, location.href).href)}
    addEventListener('message', event => {
      if (event.data === '${DEATH}') throw new Error('killed by the test')
    })`
  const createWorker = (): Worker => {
    const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })), { type: 'module' })
    workers.push(worker)
    return worker
  }
  return { createWorker, kill: (index: number) => workers[index]!.postMessage(DEATH) }
}
