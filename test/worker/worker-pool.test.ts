/**
 * The pool over real worker threads, which run the built worker file: work, death in mid-task, replacement, closing.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import type { MillraceError } from '../../src/base/errors.js'
import { BlockBuilder } from '../../src/data/block-builder.js'
import { PooledBlockMemory, type BlockMemory } from '../../src/data/block-memory.js'
import type { ColumnBlock } from '../../src/data/block.js'
import { nodePlatform } from '../../src/platform/node.js'
import type { ExecutorOptions } from '../../src/plan/runtime.js'
import type { TaskExecutor, TaskResult, TaskSpec } from '../../src/plan/task.js'
import { createRuntime } from '../../src/worker/runtime.js'
import { windowPlan } from '../scheduler/plans.js'

const PARTITIONS = 2
const WORKER_URL = new URL('../../dist/worker.node.reference.cjs', import.meta.url)
/** Kernels that share a heap, which the twin does not. */
const IN_HEAP = { kernels: 'simd', wasmUrl: new URL('../../dist/kernels.wasm', import.meta.url) } as const
const plan = { plan: windowPlan({ inputs: [{ delayMs: 0 }], sizeMs: 1000 }), partitions: PARTITIONS, badRecordsMax: 10,
  recordBytesMax: 1000 }

const opened: TaskExecutor[] = []
afterEach(async () => {
  for (const executor of opened.splice(0)) await executor.close()
})

async function pool(options: Partial<ExecutorOptions> = {}) {
  const workers: Worker[] = []
  const createWorker = (): Worker => {
    const worker = new Worker(WORKER_URL)
    workers.push(worker)
    return worker
  }
  const executor = await createRuntime(nodePlatform)
    .createExecutor({ workers: 2, kernels: 'reference', blockTransport: 'auto', createWorker, ...options })
  opened.push(executor)
  await executor.open(plan)
  return { executor, workers }
}

function readings(numRows: number, memory: BlockMemory = new PooledBlockMemory(false)): ColumnBlock {
  const blocks: ColumnBlock[] = []
  const builder = new BlockBuilder({
    schema: [{ name: 'sensor', type: 'utf8' }, { name: 'at', type: 'timestamp' }], blockRowsMax: numRows, blockBytesMax: 1e9,
    memory,
    onBlock: block => void blocks.push(block), onBadRow: () => { throw new Error('a row was bad') },
  })
  builder.pushRows(Array.from({ length: numRows }, (_, i) => ({ sensor: `s${i % 5}`, at: i })))
  builder.seal()
  return blocks[0]!
}

const watermarks = { 0: { lateWatermarkMs: -Infinity, closeWatermarkMs: -Infinity } }

function sourceTask(block: ColumnBlock, start = 0, end = block.numRows): TaskSpec {
  return {
    batchId: 0, stageId: 0, taskIndex: 0, partitionIndex: 0, attempt: 0, inputs: [{ block, start, end }], firstOrdinal: 0,
      watermarks, batchTimeMs: 0,
  }
}

const groupsIn = (results: readonly TaskResult[]): number =>
  results.flatMap(result => result.shuffles).reduce((rows, { block }) => rows + block.numRows, 0)

const codeOf = (error: MillraceError): string => error.code

describe('worker pool', () => {
  it.each(['shared', 'transfer'] as const)('runs tasks and leaves their inputs whole, %s', async blockTransport => {
    const { executor } = await pool({ blockTransport })
    const block = readings(3000)
    for (const slot of [0, 1, 0]) {
      const results = await executor.run(slot, [sourceTask(block), sourceTask(block, 1001, 1999)])
      expect(results.map(result => result.figures.rowsIn)).toEqual([3000, 998])
      expect(groupsIn(results)).toBe(3 * 5 + 5)
    }
    expect(block.columns[1]!.values.length).toBe(3000)
    expect(executor.memory.allocate(8).buffer).toBeInstanceOf(blockTransport === 'shared' ? SharedArrayBuffer : ArrayBuffer)
  })

  it('keeps state per worker, gives it as a snapshot and takes it back elsewhere', async () => {
    const { executor } = await pool()
    const [partial] = await executor.run(0, [sourceTask(readings(3000))])
    const inputs = partial!.shuffles.map(({ block }) => ({ block, start: 0, end: 1 }))
    const merge: TaskSpec = { ...sourceTask(readings(1)), stageId: 1, inputs }
    const [merged] = await executor.run(0, [merge])
    expect(merged!.figures.stateRows).toBeGreaterThan(0)
    const snapshots = await executor.snapshot(0, 1, [{ partitionIndex: 0, sinceVersion: -1 }])
    expect(snapshots).toMatchObject([{ stageId: 1, partitionIndex: 0, version: 0 }])
    await executor.restore(1, snapshots)
    const [again] = await executor.run(1, [{ ...merge, batchId: 1, inputs: [] }])
    expect(again!.figures.stateRows).toBe(merged!.figures.stateRows)
    expect(snapshots[0]!.panes.reduce((rows, { block }) => rows + block!.numRows, 0)).toBe(merged!.figures.stateRows)
    const [unchanged] = await executor.snapshot(0, 1, [{ partitionIndex: 0, sinceVersion: 0 }])
    expect(unchanged!.panes).toEqual(snapshots[0]!.panes.map(({ paneMs }) => ({ paneMs, block: null })))
  })

  it('lays tasks before all workers, and each is begun once', async () => {
    const { executor } = await pool(IN_HEAP)
    const block = readings(4000, executor.memory)
    const tasks = Array.from({ length: 8 }, (_, i) => ({ ...sourceTask(block, i * 500, i * 500 + 500), taskIndex: i }))
    const offers = Array.from({ length: 20 }, () => executor.offer(tasks)!)
    for (const offer of offers) {
      const results = (await Promise.all([offer.take(0), offer.take(1)])).flat()
      expect(results.map(({ taskIndex }) => taskIndex).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
      expect(groupsIn(results)).toBe(8 * 5)
      expect(await offer.take(0)).toEqual([])
      for (const { held } of results.flatMap(({ shuffles }) => shuffles)) held?.letGo()
      offer.close()
    }
    // What lies elsewhere is dealt.
    expect(executor.offer([sourceTask(readings(10)), sourceTask(readings(10))])).toBeNull()
    const { executor: transferring } = await pool({ ...IN_HEAP, blockTransport: 'transfer' })
    expect(transferring.offer(tasks)).toBeNull()
  })

  it('begins no more what a dead worker had taken of tasks that lay before all', async () => {
    const { executor, workers } = await pool(IN_HEAP)
    const block = readings(60_000, executor.memory)
    const tasks = Array.from({ length: 64 }, (_, taskIndex) => ({ ...sourceTask(block), taskIndex }))
    const offer = executor.offer(tasks)!
    const taken = [offer.take(0), offer.take(1).catch(codeOf)] as const
    void workers[1]!.terminate()
    const [own, lost] = await Promise.all(taken)
    expect(lost).toBe('WORKER_LOST')
    const indexes = own.map(({ taskIndex }) => taskIndex)
    expect(indexes).toEqual([...new Set(indexes)].sort((a, b) => a - b))
    expect(await offer.take(0)).toEqual([])
    offer.close()
  })

  it('rejects what a dead worker had, once a new one stands in its place', async () => {
    const { executor, workers } = await pool()
    const block = readings(60_000)
    const running = [executor.run(1, [sourceTask(block)]), executor.run(1, [sourceTask(block)])]
    void workers[1]!.terminate()
    expect(await Promise.all(running.map(run => run.catch(codeOf)))).toEqual(['WORKER_LOST', 'WORKER_LOST'])
    expect(workers.length).toBe(3)
    // What was meant for the dead one does not reach the new one.
    expect(await executor.run(1, [sourceTask(readings(10))]).catch(codeOf)).toBe('WORKER_LOST')
    await executor.restore(1, [])
    expect(groupsIn(await executor.run(1, [sourceTask(readings(10))]))).toBe(5)
    expect(workers.length).toBe(3)
  })

  it('notices a worker that ended or threw while it had nothing to do', async () => {
    const { executor, workers } = await pool()
    const ended = new Promise(resolve => workers[0]!.on('exit', resolve))
    await workers[0]!.terminate()
    await ended
    expect(await executor.run(0, []).catch((error: MillraceError) => error.message))
      .toMatch(/^Worker 0 was lost: it ended with code \d\.$/)
    await executor.restore(0, [])
    expect(await executor.run(0, [])).toEqual([])
    expect(workers.length).toBe(3)
  })

  it('gives the error of a task with its code and place, and the worker lives', async () => {
    const { executor, workers } = await pool()
    const broken = { ...readings(10), columns: [] }
    const behind = (): Promise<unknown> => executor.run(0, [sourceTask(readings(10))]).catch(codeOf)
    const [error, ...others] = await Promise.all([
      executor.run(0, [sourceTask(broken)]).catch((thrown: MillraceError) => thrown), behind(), behind()])
    expect(error).toMatchObject({ code: 'TASK_FAILED', where: { batchId: 0, stageId: 0, taskIndex: 0 } })
    expect([...others, await behind()]).toEqual(['WORKER_LOST', 'WORKER_LOST', 'WORKER_LOST'])
    await executor.restore(0, [])
    expect(groupsIn(await executor.run(0, [sourceTask(readings(10))]))).toBe(5)
    expect(workers.length).toBe(2)
  })

  it('stays connected to its workers whatever is collected as garbage', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const collecting = setInterval(collect, 1)
    try {
      const { executor } = await pool({ workers: 3 })
      for (const slot of [0, 1, 2]) {
        await new Promise(resolve => setTimeout(resolve, 10))
        expect(await executor.run(slot, [])).toEqual([])
      }
    } finally {
      clearInterval(collecting)
    }
  })

  it('settles its calls when it is closed', async () => {
    const { executor, workers } = await pool()
    const running = executor.run(0, [sourceTask(readings(60_000))])
    await executor.close()
    expect(await running.catch(codeOf)).toBe('WORKER_LOST')
    expect(workers.length).toBe(2)
  })
})
