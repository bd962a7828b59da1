/** Entry of the file that a web worker runs (browsers, Deno, Bun): the host behind the worker's own port, without the twin. */
import { expose } from 'comlink'
import { systemClock } from './platform/system-clock.js'
import { WorkerHost } from './worker/worker-host.js'

expose(new WorkerHost(() => systemClock.elapsedMs()))
