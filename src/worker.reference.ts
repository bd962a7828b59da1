/** Entry of the file that a web worker runs where WebAssembly is refused: the host with the twin. */
import { referenceKernels } from './kernel/reference-kernels.js'
import { systemClock } from './platform/system-clock.js'
import { workerScope } from './platform/worker-scope.js'
import { answerCalls } from './worker/call-channel.js'
import { WorkerHost } from './worker/worker-host.js'

answerCalls(workerScope, new WorkerHost(() => systemClock.elapsedMs(), referenceKernels))
