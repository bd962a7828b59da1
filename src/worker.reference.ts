/** Entry of the file that a web worker runs where WebAssembly is refused: the host with the twin. */
import { expose } from 'comlink'
import { referenceKernels } from './kernel/reference-kernels.js'
import { systemClock } from './platform/system-clock.js'
import { WorkerHost } from './worker/worker-host.js'

expose(new WorkerHost(() => systemClock.elapsedMs(), referenceKernels))
