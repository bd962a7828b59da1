/**
 * Tasks on slots: who runs where, what happens when attempts fail, and that state is rebuilt to exactly what it was.
 */
import { describe, expect, it } from 'vitest'
import type { MillraceError } from '../../src/base/errors.js'
import { ListenerBus } from '../../src/scheduler/listener.js'
import { REPLAY_BATCHES_MAX, StateTracker } from '../../src/scheduler/state-tracker.js'
import { assignSlots, TaskScheduler, type PlannedTask } from '../../src/scheduler/task-scheduler.js'
import { ledgerBlock, LedgerExecutor } from './ledger-executor.js'
import { windowPlan } from './plans.js'

const PARTITIONS = 4
const plan = windowPlan({ inputs: [{ delayMs: 0 }], sizeMs: 1000 })
const stateful = plan.stages[1]!

function task(taskIndex: number, { weight = 1, isSticky = false, batchId = 0 } = {}): PlannedTask {
  const inputs = [{ block: ledgerBlock([batchId]), start: 0, end: 1 }]
  return {
    weight, isSticky,
    spec: {
      batchId, stageId: isSticky ? 1 : 0, taskIndex, partitionIndex: isSticky ? taskIndex : 0, attempt: 0, inputs,
        firstOrdinal: 0, watermarks: {},
      batchTimeMs: 0,
    },
  }
}

const keyed = (batchId: number): PlannedTask[] =>
  Array.from({ length: PARTITIONS }, (_, i) => task(i, { isSticky: true, batchId }))

function scheduler(slots: number, taskAttempts = 4) {
  const executor = new LedgerExecutor(slots)
  const states = new StateTracker(plan, PARTITIONS, executor.memory)
  const listener = new ListenerBus()
  const events: string[] = []
  listener.on('taskFailed', event => void events.push(`failed ${event.slot}/${event.attempt}`))
  listener.on('workerLost', event => void events.push(`lost ${event.slot}`))
  return { executor, states, events,
    tasks: new TaskScheduler({ executor, states, tables: null, partitions: PARTITIONS, taskAttempts, listener }) }
}

/** Ledgers of all partitions, wherever they live. */
const ledgersOf = ({ ledgers }: LedgerExecutor) =>
  Array.from({ length: PARTITIONS }, (_, partition) => ledgers[partition % ledgers.length]!.get(`1/${partition}`))

describe('slots', () => {
  it('go to partitions by number and to other tasks by load', () => {
    const groups = assignSlots([task(0, { weight: 5 }), task(1, { weight: 2 }), task(2, { weight: 2 }), task(3, { weight: 2 })],
      [0, 0])
    expect([...groups].map(([slot, group]) => [slot, group.map(({ spec }) => spec.taskIndex)]))
      .toEqual([[0, [0]], [1, [1, 2, 3]]])
    expect([...assignSlots([task(0)], [3, 1, 2]).keys()]).toEqual([1])
    expect([...assignSlots(keyed(0), [9, 0, 0])].map(([slot, group]) => [slot, group.map(({ spec }) => spec.partitionIndex)]))
      .toEqual([[0, [0, 3]], [1, [1]], [2, [2]]])
  })
})

describe('task scheduler', () => {
  it('sends one message per slot and gives results in task order', async () => {
    const { tasks, executor } = scheduler(3)
    const results = await tasks.runStage(stateful, keyed(0))
    expect(results.map(result => result.taskIndex)).toEqual([0, 1, 2, 3])
    expect(executor.calls.length).toBe(3)
    expect(tasks.isIdle).toBe(true)
    expect(tasks.takeFigures(0).map(figures => figures.numTasks)).toEqual([2, 1, 1])
    expect(tasks.takeFigures(0).map(figures => figures.numTasks)).toEqual([0, 0, 0])
  })

  it.each(['TASK_FAILED', 'WORKER_LOST'] as const)('rebuilds state after %s: nothing lost, nothing twice', async code => {
    const { tasks, executor, events } = scheduler(2)
    await tasks.runStage(stateful, keyed(0))
    await tasks.runStage(stateful, keyed(1))
    executor.fail(code, 1, 2)
    await tasks.runStage(stateful, keyed(2))
    await tasks.runStage(stateful, keyed(3))
    expect(ledgersOf(executor)).toEqual(Array(PARTITIONS).fill([0, 1, 2, 3]))
    const lost = code === 'WORKER_LOST' ? ['lost 1'] : []
    // The second failure meets the rebuilding itself.
    expect(events).toEqual([...lost, 'failed 1/0', ...lost, 'failed 1/1'])
  })

  it('rebuilds from the snapshot once there is one', async () => {
    const { tasks, executor, states } = scheduler(2)
    for (let batchId = 0; batchId < REPLAY_BATCHES_MAX; batchId++) {
      await tasks.runStage(stateful, keyed(batchId))
      await tasks.takeSnapshots()
    }
    expect(states.lineageOf(1, 0)).toMatchObject({ snapshot: { version: REPLAY_BATCHES_MAX - 1 }, replay: [] })
    await tasks.runStage(stateful, keyed(REPLAY_BATCHES_MAX))
    executor.fail('WORKER_LOST', 0, 1)
    const before = executor.calls.length
    await tasks.runStage(stateful, keyed(REPLAY_BATCHES_MAX + 1))
    // Slot 0: failed, replay of one batch, again; slot 1: once.
    expect(executor.calls.length - before).toBe(4)
    expect(ledgersOf(executor)).toEqual(Array(PARTITIONS).fill(Array.from({ length: REPLAY_BATCHES_MAX + 2 }, (_, i) => i)))
  })

  it('gives up after taskAttempts with the first cause', async () => {
    const { tasks, executor, events } = scheduler(2, 3)
    executor.fail('TASK_FAILED', 0, 1)
    executor.fail('WORKER_LOST', 0, 2)
    const error = await tasks.runStage(plan.stages[0]!, [task(0)]).catch((thrown: MillraceError) => thrown)
    expect(error).toMatchObject({ code: 'TASK_FAILED', where: { batchId: 0, stageId: 0 },
      cause: { message: 'made to fail, 0 times more' } })
    expect((error as MillraceError).message)
      .toBe('Batch 0, stage 0: the tasks of worker 0 failed 3 times. First cause: made to fail, 0 times more')
    expect(executor.calls.map(call => call.attempts)).toEqual([[0], [1], [2]])
    expect(events.filter(event => event.startsWith('failed'))).toEqual(['failed 0/0', 'failed 0/1', 'failed 0/2'])
  })

  it('does not try again what is not worth it', async () => {
    const { tasks, executor } = scheduler(1)
    executor.fail('BAD_RECORD', 0, 1)
    await expect(tasks.runStage(plan.stages[0]!, [task(0)])).rejects.toMatchObject({ code: 'BAD_RECORD' })
    expect(executor.calls.length).toBe(1)
  })

  it('posts calls to a slot without waiting for answers', async () => {
    const { tasks, executor } = scheduler(1)
    const stages = [
      tasks.runStage(plan.stages[0]!, [task(0)]), tasks.runStage(stateful, keyed(0)), tasks.runStage(stateful, keyed(1))]
    expect(tasks.isIdle).toBe(false)
    const results = await Promise.all(stages)
    expect(results.map(stage => stage.length)).toEqual([1, PARTITIONS, PARTITIONS])
    expect(ledgersOf(executor)).toEqual(Array(PARTITIONS).fill([0, 1]))
    expect(executor.calls.map(call => call.attempts[0])).toEqual([0, 0, 0])
  })

  it.each(['TASK_FAILED', 'WORKER_LOST'] as const)('runs what was posted behind %s again, as the same attempt', async code => {
    const { tasks, executor, events } = scheduler(2, 2)
    await tasks.runStage(stateful, keyed(0))
    executor.fail(code, 1, 1)
    const failing = tasks.runStage(plan.stages[0]!, [task(0, { weight: 1 }), task(1, { weight: 1 })])
    const behind = tasks.runStage(stateful, keyed(1))
    const snapshots = tasks.takeSnapshots()
    await Promise.all([failing, behind, snapshots])
    await tasks.runStage(stateful, keyed(2))
    expect(ledgersOf(executor)).toEqual(Array(PARTITIONS).fill([0, 1, 2]))
    expect(events.filter(event => event.startsWith('failed'))).toEqual(['failed 1/0'])
    const onSlot = executor.calls.filter(call => call.slot === 1)
    // Batch 0, the failing call, replay of batch 0, then both calls, the second for the first time, and batch 2.
    expect(onSlot.map(call => call.attempts)).toEqual([[0, 0], [0], [0, 0], [1], [0, 0], [0, 0]])
    expect(tasks.isIdle).toBe(true)
  })

  it('lets slots share tasks that are bound to none', async () => {
    const { tasks, executor } = scheduler(3)
    executor.offers = true
    const results = await tasks.runStage(plan.stages[0]!, Array.from({ length: 5 }, (_, i) => task(i)))
    expect(results.map(({ taskIndex, attempt }) => [taskIndex, attempt])).toEqual([[0, 0], [1, 0], [2, 0], [3, 0], [4, 0]])
    expect(executor.calls.map(({ slot, taskIndexes }) => [slot, taskIndexes])).toEqual([[0, [0, 1]], [1, [2, 3]], [2, [4]]])
    expect(tasks.takeFigures(0).map(figures => figures.numTasks)).toEqual([2, 2, 1])
    expect(tasks.isIdle).toBe(true)
    await tasks.runStage(plan.stages[0]!, [task(0)])
    await tasks.runStage(stateful, keyed(1))
    expect(executor.calls.slice(3).map(({ taskIndexes }) => taskIndexes)).toEqual([[0], [0, 3], [1], [2]])
    expect(executor.openOffers).toBe(0)
  })

  it.each(['TASK_FAILED', 'WORKER_LOST'] as const)('runs again what a slot had taken as it met %s', async code => {
    const { tasks, executor, events } = scheduler(2)
    executor.offers = true
    await tasks.runStage(stateful, keyed(0))
    executor.fail(code, 1, 1)
    const failing = tasks.runStage(plan.stages[0]!, Array.from({ length: 4 }, (_, i) => task(i)))
    // Behind it and lost with it: no attempt of its own.
    const behind = tasks.runStage(plan.stages[0]!, Array.from({ length: 4 }, (_, i) => task(i, { batchId: 1 })))
    const attempts = (results: readonly { taskIndex: number; attempt: number }[]): number[][] =>
      results.map(({ taskIndex, attempt }) => [taskIndex, attempt])
    expect(attempts(await failing)).toEqual([[0, 0], [1, 0], [2, 1], [3, 1]])
    expect(attempts(await behind)).toEqual([[0, 0], [1, 0], [2, 0], [3, 0]])
    await tasks.runStage(stateful, keyed(1))
    expect(ledgersOf(executor)).toEqual(Array(PARTITIONS).fill([0, 1]))
    expect(events).toEqual([...code === 'WORKER_LOST' ? ['lost 1'] : [], 'failed 1/0'])
    expect(tasks.isIdle).toBe(true)
    expect(executor.openOffers).toBe(0)
  })

  it('counts a failure among shared tasks as an attempt of those that are left', async () => {
    const { tasks, executor, events } = scheduler(2, 2)
    executor.offers = true
    executor.fail('TASK_FAILED', 0, 2)
    const error = await tasks.runStage(plan.stages[0]!, [0, 1, 2].map(i => task(i))).catch((thrown: MillraceError) => thrown)
    expect(error).toMatchObject({ code: 'TASK_FAILED', cause: { message: 'made to fail, 1 times more' } })
    expect(events.filter(event => event.startsWith('failed'))).toEqual(['failed 0/0', 'failed 0/1'])
  })
})
