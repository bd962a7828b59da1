/** Entry of the file that a worker thread of Node runs: the host behind the parent's port. */
import { parentPort, type MessagePort } from 'node:worker_threads'
import { expose } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { systemClock } from './platform/system-clock.js'
import { WorkerHost } from './worker/worker-host.js'

expose(new WorkerHost(() => systemClock.elapsedMs()), nodeEndpoint(parentPort as MessagePort))
