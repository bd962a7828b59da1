/** Entry of the file that a worker thread of Node runs: the host behind the parent's port, with the twin: no page loads it. */
import { parentPort, type MessagePort } from 'node:worker_threads'
import { expose } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { referenceKernels } from './kernel/reference-kernels.js'
import { systemClock } from './platform/system-clock.js'
import { WorkerHost } from './worker/worker-host.js'

expose(new WorkerHost(() => systemClock.elapsedMs(), referenceKernels), nodeEndpoint(parentPort as MessagePort))
