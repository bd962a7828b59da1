/** Entry of the file that a worker thread of Node runs: the host behind the parent's port, without the twin. */
import { parentPort, type MessagePort } from 'node:worker_threads'
import { nodeScope } from './platform/node-scope.js'
import { systemClock } from './platform/system-clock.js'
import { answerCalls } from './worker/call-channel.js'
import { WorkerHost } from './worker/worker-host.js'

answerCalls(nodeScope(parentPort as MessagePort), new WorkerHost(() => systemClock.elapsedMs()))
