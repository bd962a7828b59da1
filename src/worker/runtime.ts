/**
 * Makes a runtime of a platform: loads the kernels, starts the workers and chooses the executor, each by the order of
 * fallbacks that ends on the scheduler's own thread. `capabilities.failures` tells what was tried in vain.
 */
import { MillraceError, messageOf } from '../base/errors.js'
import type { KernelKind, PlatformPort } from '../base/platform-port.js'
import { compileBranch } from '../kernel/program-compiler.js'
import { describeBranch } from '../kernel/program-text.js'
import { isOn } from '../plan/fast-path.js'
import type { ExecutorOptions, Runtime } from '../plan/runtime.js'
import type { Stage } from '../plan/stage.js'
import type { TaskExecutor } from '../plan/task.js'
import type { InlineExecutor } from './inline-executor.js'
import { expectedKind, loadKernels, type LoadedKernels } from './kernel-loader.js'
import type { PageHeap } from './page-heap.js'
import { WorkerPool } from './worker-pool.js'
import { WorkerStarter, type StartedWorker } from './worker-starter.js'

const WORKERS_MAX = 8

export function createRuntime(platform: PlatformPort): Runtime {
  return {
    name: platform.name,
    clock: platform.clock,
    defaultWorkers: () => Math.max(1, Math.min(WORKERS_MAX, platform.cores - 1)),
    createStorage: () => platform.createStorage(),
    createExecutor: options => createExecutor(platform, options),
    describePrograms,
  }
}

async function createExecutor(platform: PlatformPort, options: ExecutorOptions): Promise<TaskExecutor> {
  const isShared = sharesBlocks(platform, options)
  const failures: string[] = []
  const expected = expectedKind(options)
  // All at once: each waits for files, threads and compilers most of its time.
  const makesHeap = expected !== 'reference' && isShared && isOn(options.fastPaths, 'sharedHeap')
  const heapMade = makesHeap ? createHeap(failures) : Promise.resolve(null)
  const starting = startWorkers(platform, options, expected, failures)
  if (options.workers === 0) void loadInline().catch(() => undefined)
  const kernels = await loadKernels(platform, options, failures, heapMade.then(made => made?.changeModule ?? null))
    .catch(async (error: unknown) => {
      end(await starting)
      throw error
    })
  let started = await starting
  if (kernels.kind === 'reference' && expected !== 'reference') {
    end(started)
    started = await startWorkers(platform, options, 'reference', failures)
  }
  const heap = kernels.isShared ? await heapMade : null
  const { starter, workers } = started
  if (workers.length === 0) return inlineExecutor(platform, kernels, failures, { heap })
  return new WorkerPool({
    workers,
    startWorker: () => starter.start([]),
    kernels,
    isShared,
    heap,
    capabilities: {
      workers: workers.length,
      kernels: kernels.kind,
      kernelSource: kernels.source,
      workerSource: starter.source ?? 'none',
      blockTransport: isShared ? 'shared' : 'transfer',
      sharedHeap: heap !== null,
      failures,
    },
  })
}

const loadInline = (): Promise<typeof import('./inline-executor.js')> => import('./inline-executor.js')

/** An executor on this thread; `slots` stand-ins for workers. A page that has workers never loads its code, nor the twin's. */
export async function inlineExecutor(
  platform: PlatformPort, kernels: LoadedKernels, failures: readonly string[],
  { slots = 1, heap = null }: { readonly slots?: number; readonly heap?: PageHeap | null } = {},
): Promise<InlineExecutor> {
  const { InlineExecutor } = await loadInline()
  const twin = kernels.kind === 'reference' ? (await import('../kernel/reference-kernels.js')).referenceKernels : null
  return new InlineExecutor({
    slots,
    kernels,
    twin,
    heap,
    clock: platform.clock,
    yieldToHost: () => platform.yieldToHost(),
    capabilities: {
      workers: 0, kernels: kernels.kind, kernelSource: kernels.source, workerSource: 'none', blockTransport: 'none',
      sharedHeap: heap !== null, failures,
    },
  })
}

/** The memory of page and workers; null where it cannot be had. */
async function createHeap(failures: string[]): Promise<PageHeap | null> {
  const { PageHeap } = await import('./page-heap.js')
  return PageHeap.create(failures)
}

function sharesBlocks(platform: PlatformPort, { blockTransport }: ExecutorOptions): boolean {
  if (blockTransport === 'shared' && !platform.canShareMemory) {
    throw new MillraceError('UNSUPPORTED',
      "blockTransport 'shared': this host does not share memory between threads; a page must be isolated. Leave the option out.")
  }
  return blockTransport !== 'transfer' && platform.canShareMemory
}

interface StartedWorkers {
  readonly starter: WorkerStarter
  /** As many as could be started. */
  readonly workers: readonly StartedWorker[]
}

async function startWorkers(
  platform: PlatformPort, options: ExecutorOptions, kernels: KernelKind, failures: string[],
): Promise<StartedWorkers> {
  const count = options.workers
  const starter = new WorkerStarter(platform, count > 0 ? platform.workerFiles(options, kernels) : [])
  const outcomes = await Promise.allSettled(Array.from({ length: count }, () => starter.start(failures)))
  const workers = outcomes.flatMap(outcome => outcome.status === 'fulfilled' ? [outcome.value] : [])
  const refused = outcomes.find(outcome => outcome.status === 'rejected')
  if (refused && workers.length === 0) {
    failures.push(`workers: tasks run on this thread, because ${messageOf(refused.reason)}`)
  }
  return { starter, workers }
}

function end({ workers }: StartedWorkers): void {
  for (const { port } of workers) port.terminate()
}

function describePrograms(stage: Stage): string {
  return stage.branches.map(branch => describeBranch(compileBranch(stage.input.schema, branch))).join('\n')
}
