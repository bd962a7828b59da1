/** Entry of the file that a web worker runs (browsers, Deno, Bun): the host behind the worker's own port, without the twin. */
import { systemClock } from './platform/system-clock.js'
import { workerScope } from './platform/worker-scope.js'
import { answerCalls } from './worker/call-channel.js'
import { WorkerHost } from './worker/worker-host.js'

answerCalls(workerScope, new WorkerHost(() => systemClock.elapsedMs()))
