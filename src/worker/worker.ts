/** The file that a web worker runs (browsers, Deno, Bun): the host behind the worker's own port. */
import { expose } from 'comlink'
import { WorkerHost } from './worker-host.js'

expose(new WorkerHost())
