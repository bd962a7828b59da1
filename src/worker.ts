/** Entry of the file that a web worker runs (browsers, Deno, Bun): the host behind the worker's own port, without the twin. */
import { expose, type Endpoint } from 'comlink'
import { systemClock } from './platform/system-clock.js'
import { answerRuns } from './worker/run-channel.js'
import { WorkerHost } from './worker/worker-host.js'

const host = new WorkerHost(() => systemClock.elapsedMs())
expose(host)
answerRuns(globalThis as unknown as Endpoint, tasks => host.run(tasks))
