/** Entry of the file that a worker thread of Node runs: the host behind the parent's port, with the twin: no page loads it. */
import { parentPort, type MessagePort } from 'node:worker_threads'
import { expose } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { referenceKernels } from './kernel/reference-kernels.js'
import { systemClock } from './platform/system-clock.js'
import { answerRuns } from './worker/run-channel.js'
import { WorkerHost } from './worker/worker-host.js'

const host = new WorkerHost(() => systemClock.elapsedMs(), referenceKernels)
const endpoint = nodeEndpoint(parentPort as MessagePort)
expose(host, endpoint)
answerRuns(endpoint, tasks => host.run(tasks))
