/** Entry of the file that a worker thread of Node runs: the host behind the parent's port, with the twin: no page loads it. */
import { parentPort, type MessagePort, type TransferListItem } from 'node:worker_threads'
import { referenceKernels } from './kernel/reference-kernels.js'
import { systemClock } from './platform/system-clock.js'
import { answerCalls } from './worker/call-channel.js'
import { WorkerHost } from './worker/worker-host.js'

const port = parentPort as MessagePort
answerCalls({
  postMessage: (message, transfer) => port.postMessage(message, transfer as TransferListItem[]),
  onMessage: listener => void port.on('message', listener),
}, new WorkerHost(() => systemClock.elapsedMs(), referenceKernels))
