/** The file that a worker thread of Node runs: the host behind the parent's port. */
import { parentPort, type MessagePort } from 'node:worker_threads'
import { expose } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { WorkerHost } from './worker-host.js'

expose(new WorkerHost(), nodeEndpoint(parentPort as MessagePort))
