/**
 * Small pure parts of the scheduler: the order of stages and of shuffle blocks, what is retained of state, the log, the events.
 */
import { describe, expect, it } from 'vitest'
import type { BlockSlice, ColumnBlock, GroupsBlock } from '../../src/data/block.js'
import { HeldMemory } from '../../src/data/block-memory.js'
import { partEnds, planGroups, readParts } from '../../src/data/groups-block.js'
import { MemoryStorage } from '../../src/platform/memory-storage.js'
import { byTask, partitionInputs } from '../../src/plan/shuffle-inputs.js'
import type { StateSnapshot, TaskResult, TaskSpec } from '../../src/plan/task.js'
import { BatchLog, BATCHES_RETAINED } from '../../src/scheduler/batch-log.js'
import { BlockTracker } from '../../src/scheduler/block-tracker.js'
import { ListenerBus } from '../../src/scheduler/listener.js'
import { MergeBacklog } from '../../src/scheduler/merge-backlog.js'
import { StageScheduler } from '../../src/scheduler/stage-scheduler.js'
import { REPLAY_BYTES_MIN, StateTracker } from '../../src/scheduler/state-tracker.js'
import { buildTasks } from '../../src/scheduler/task-builder.js'
import { CountedMemory } from '../support/counted-memory.js'
import { batchIdsIn, ledgerBlock } from './ledger-executor.js'
import { windowPlan } from './plans.js'

const plan = windowPlan({ inputs: [{ delayMs: 0 }, { delayMs: 0 }], sizeMs: 1000 })

describe('stage scheduler', () => {
  it('hands out a stage once all its parents are complete, and once', () => {
    const stages = new StageScheduler(plan)
    const ids = () => stages.takeReady().map(stage => stage.stageId)
    expect(ids()).toEqual([0, 1])
    stages.complete(1)
    expect(ids()).toEqual([])
    stages.complete(0)
    expect(ids()).toEqual([2])
    expect(stages.isComplete(2)).toBe(false)
    stages.complete(2)
    expect(stages.isComplete(2)).toBe(true)
    expect(ids()).toEqual([])
  })

  it('hands out none that runs with another', () => {
    const stages = new StageScheduler(plan)
    stages.start(2)
    expect(stages.takeReady().map(stage => stage.stageId)).toEqual([0, 1])
    for (const stageId of [0, 1]) stages.complete(stageId)
    expect(stages.takeReady()).toEqual([])
  })
})

describe('shuffle inputs', () => {
  const tag = (stageId: number, taskIndex: number, order: number): number => stageId * 100 + taskIndex * 10 + order

  /** Groups with one row in each of the parts named. */
  const groupsIn = (value: number, parts: readonly number[]): GroupsBlock => {
    const shape = { numRows: parts.length, rowBytes: 8, numParts: 3, numTexts: 0 }
    const { rowsAt, totalBytes } = planGroups(shape, 0)
    const block: GroupsBlock = { kind: 'groups', ...shape, bytes: new Uint8Array(totalBytes) }
    new Float64Array(block.bytes.buffer, rowsAt).fill(value)
    for (let part = 0; part < 3; part++) partEnds(block)[part * 2] = parts.filter(other => other <= part).length
    return block
  }
  const rowIn = (value: number): ColumnBlock => ({
    kind: 'columns', schema: [{ name: 'tag', type: 'f64' }], numRows: 1,
    columns: [{ type: 'f64', values: Float64Array.of(value), validity: null }],
  })
  const tagOf = ({ block, start, end }: BlockSlice): number => {
    if (block.kind === 'columns') return Number(block.columns[0]!.values[0])
    const { rows } = readParts(block as GroupsBlock, start, end)
    return new Float64Array(rows.buffer, rows.byteOffset, 1)[0]!
  }
  const read = (by: 'keys' | 'gather') => {
    const results: TaskResult[] = []
    const wrote = (stageId: number, taskIndex: number, ...blocks: [order: number, part: number][]): void => void results.push({
      stageId, taskIndex,
      shuffles: blocks.map(([order, part]) => ({ shuffleId: 0, order,
        block: by === 'keys' ? groupsIn(tag(stageId, taskIndex, order), [part]) : rowIn(tag(stageId, taskIndex, order)) })),
    } as unknown as TaskResult)
    wrote(1, 0, [1, 0], [0, 0])
    wrote(0, 1, [0, 0])
    wrote(0, 0, [2, 0], [0, 1])
    const shuffles = [{ shuffleId: 0, by, parents: [0, 1], child: 2 }]
    const { tasks } = buildTasks({ plan: { ...plan, shuffles }, partitions: 3, blocks: new BlockTracker(),
      merges: new MergeBacklog(plan, false), results: results.sort(byTask) }, plan.stages[2]!,
    { batchId: 0, batchTimeMs: 0, watermarks: {} })
    return tasks.map(({ spec }) => spec.inputs.map(tagOf))
  }

  it('orders the parts of a partition by stage, task and terminal, and leaves empty ones out', () => {
    expect(read('keys')).toEqual([[2, 10, 100, 101], [0], []])
  })

  it('says with each part what memory it is held in', () => {
    const memory = new CountedMemory()
    const held = new HeldMemory(memory, [memory.allocate(64)])
    const written = [{ shuffleId: 0, order: 0, block: groupsIn(1, [0, 2]), held }]
    expect([0, 1, 2].map(part => partitionInputs(written, part).map(slice => slice.held))).toEqual([[held], [], [held]])
  })

  it('gathers in the order of the branches', () => {
    expect(read('gather')).toEqual([[0, 10, 100, 101, 2]])
  })
})

describe('state tracker', () => {
  const spec = (batchId: number, rows: number, stageId = 2) =>
    ({ batchId, stageId, partitionIndex: 1,
      inputs: [{ block: ledgerBlock(new Array<number>(rows).fill(0)), start: 0, end: 1 }] }) as unknown as TaskSpec
  const ROWS = REPLAY_BYTES_MIN / 8
  const figures = (stateRows = 0, stateBytes = 0) => ({ stateRows, stateBytes })

  /** Rows by pane; null: not changed. */
  const snapshot = (version: number, rowsOf: Readonly<Record<number, number | null>>): StateSnapshot => ({
    stageId: 2, partitionIndex: 1, version,
    panes: Object.entries(rowsOf).map(([paneMs, rows]) =>
      ({ paneMs: Number(paneMs), block: rows === null ? null : ledgerBlock(new Array<number>(rows).fill(version)) })),
  })

  const retained = (states: StateTracker) => {
    const { snapshot: { panes }, replay } = states.lineageOf(2, 1)
    return { rows: panes.reduce((sum, { block }) => sum + block!.numRows, 0), batchIds: replay.map(({ batchId }) => batchId) }
  }

  it('wants a snapshot when what is retained has outgrown what the last one brought, at least 1 MiB', () => {
    const states = new StateTracker(plan, 2, new CountedMemory())
    states.retain(spec(0, ROWS), figures())
    expect(states.snapshotsDue(2)).toEqual([])
    states.retain(spec(1, 1), figures())
    expect(states.snapshotsDue(2)).toEqual([1])
    states.replaceBy(snapshot(0, { 0: 3 * ROWS }))
    expect(states.lineageOf(2, 1).replay.map(task => task.batchId)).toEqual([1])
    states.retain(spec(2, 2 * ROWS), figures())
    expect(states.snapshotsDue(2)).toEqual([])
    states.retain(spec(3, ROWS + 2), figures())
    expect(states.snapshotsDue(2)).toEqual([1])
    expect(retained(states)).toEqual({ rows: 3 * ROWS, batchIds: [1, 2, 3] })
  })

  it('holds the memory of what it keeps until a snapshot takes its place', () => {
    const memory = new CountedMemory()
    const states = new StateTracker(plan, 2, memory)
    for (const batchId of [0, 1]) {
      const held = new HeldMemory(memory, [memory.allocate(64)])
      const task = spec(batchId, 1)
      states.retain({ ...task, inputs: task.inputs.map(slice => ({ ...slice, held })) }, figures())
      held.letGo()
    }
    expect(memory.pieces.size).toBe(2)
    states.replaceBy(snapshot(0, {}))
    expect(memory.pieces.size).toBe(1)
  })

  it('keeps the panes that a snapshot takes for known, and the memory of no others', () => {
    const memory = new CountedMemory()
    const states = new StateTracker(plan, 2, memory)
    expect(states.requestOf(2, 1)).toEqual({ partitionIndex: 1, sinceVersion: -1 })
    states.replaceBy(snapshot(3, { 0: 1, 10: 2, 20: ROWS * 2 }))
    expect(states.requestOf(2, 1)).toEqual({ partitionIndex: 1, sinceVersion: 3 })
    states.replaceBy(snapshot(5, { 10: null, 20: 3, 30: 4 }))
    expect(states.lineageOf(2, 1).snapshot.panes.map(({ paneMs, block }) => [paneMs, batchIdsIn(block!)]))
      .toEqual([[10, [3, 3]], [20, [5, 5, 5]], [30, [5, 5, 5, 5]]])
    expect(memory.pieces.size).toBe(3)
    // What counts against the retained inputs is what the last one brought.
    states.retain(spec(6, ROWS + 1), figures())
    expect(states.snapshotsDue(2)).toEqual([1])
    expect(() => states.replaceBy(snapshot(7, { 40: null }))).toThrow('takes pane 40 for known')
  })

  it('tells what is kept of a stage: the last figures of each partition', () => {
    const states = new StateTracker(plan, 2, new CountedMemory())
    expect([...states.figures()]).toEqual([[2, { rows: 0, bytes: 0 }]])
    states.retain({ ...spec(0, 1), partitionIndex: 0 }, figures(5, 500))
    states.retain(spec(0, 1), figures(7, 700))
    states.retain(spec(1, 1), figures(3, 300))
    expect([...states.figures()]).toEqual([[2, { rows: 8, bytes: 800 }]])
  })

  it('keeps nothing of tasks without state', () => {
    const states = new StateTracker(plan, 2, new CountedMemory())
    states.retain(spec(0, ROWS, 0), figures())
    expect(retained(states)).toEqual({ rows: 0, batchIds: [] })
    expect(states.statefulStages).toEqual([2])
  })
})

describe('batch log', () => {
  it('writes offsets and commits, and lets go of old ones', async () => {
    const storage = new MemoryStorage()
    const log = new BatchLog(storage)
    for (let batchId = 0; batchId <= BATCHES_RETAINED + 1; batchId++) {
      await log.logOffsets({
        batchId, batchTimeMs: 5, sources: [{ sourceId: 0, startOrdinal: 1, endOrdinal: 2, numRows: 1 }],
        watermarks: { 3: { lateWatermarkMs: -Infinity, closeWatermarkMs: 7 } },
      })
      await log.logCommit(batchId)
    }
    expect((await storage.list('offsets/')).length).toBe(BATCHES_RETAINED)
    expect(await storage.read('commits/1')).toBe(null)
    expect(JSON.parse(new TextDecoder().decode((await storage.read('offsets/2'))!))).toEqual({
      formatVersion: 1, batchId: 2, batchTimeMs: 5, sources: [{ sourceId: 0, startOrdinal: 1, endOrdinal: 2, numRows: 1 }],
      watermarks: { 3: { lateWatermarkMs: '-Infinity', closeWatermarkMs: 7 } },
    })
  })
})

describe('listener bus', () => {
  it('calls listeners of the type until they are taken off', () => {
    const bus = new ListenerBus()
    const seen: number[] = []
    const off = bus.on('workerLost', event => void seen.push(event.slot))
    bus.post('workerLost', { slot: 1, error: null })
    bus.post('stopped', {})
    off()
    bus.post('workerLost', { slot: 2, error: null })
    expect(seen).toEqual([1])
  })

  it('gives all events in order to an iterator, which ends with the query', async () => {
    const bus = new ListenerBus()
    const types: string[] = []
    const reading = (async () => { for await (const event of bus.events()) types.push(event.type) })()
    bus.post('workerLost', { slot: 1, error: null })
    await Promise.resolve()
    bus.post('stopped', {})
    bus.post('workerLost', { slot: 2, error: null })
    await reading
    expect(types).toEqual(['workerLost', 'stopped'])
  })
})
