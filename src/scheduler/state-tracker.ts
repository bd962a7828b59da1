/**
 * The lineage of keyed state: for each stateful partition the last snapshot, and the tasks that were run on it since. From them a
 * partition can be rebuilt on another worker: restore the snapshot, run the retained tasks again, drop what they give.
 * A new snapshot brings the panes that have changed since the last one; of the others what is there is kept.
 * Invariant: what is retained stays within REPLAY_BYTES_MIN or what the last snapshot brought, whichever is more, and
 * REPLAY_BATCHES_MAX batches: beyond that a snapshot is due, which takes their place.
 */
import { assert } from '../base/errors.js'
import type { GroupsBlock } from '../data/block.js'
import { HeldMemory, type BlockMemory } from '../data/block-memory.js'
import { sliceBytes } from '../data/block-slice.js'
import { isStateful, type PhysicalPlan } from '../plan/stage.js'
import type { PaneSnapshot, SnapshotRequest, StateSnapshot, TaskResult, TaskSpec } from '../plan/task.js'

export const REPLAY_BYTES_MIN = 1_048_576
export const REPLAY_BATCHES_MAX = 64

/** What a stage keeps, all partitions together. */
export interface StateFigures {
  readonly rows: number
  readonly bytes: number
}

/** How to rebuild one partition: the snapshot, then the tasks; and what is told of it. */
export interface PartitionState {
  /** Whole. */
  snapshot: StateSnapshot
  /** Of the panes that the last snapshot brought. */
  broughtBytes: number
  replay: TaskSpec[]
  replayBytes: number
  rows: number
  bytes: number
}

export class StateTracker {
  readonly #stages = new Map<number, PartitionState[]>()
  readonly #memory: BlockMemory

  /** @param memory where snapshots are kept. */
  constructor(plan: PhysicalPlan, partitions: number, memory: BlockMemory) {
    this.#memory = memory
    for (const stage of plan.stages.filter(isStateful)) {
      this.#stages.set(stage.stageId, Array.from({ length: partitions }, (_, partitionIndex) => ({
        snapshot: { stageId: stage.stageId, partitionIndex, version: -1, panes: [] },
        broughtBytes: 0,
        replay: [],
        replayBytes: 0,
        rows: 0,
        bytes: 0,
      })))
    }
  }

  /** Keeps a task that has changed a partition's state, and what it told of it; tasks of stateless stages are not kept. */
  retain(task: TaskSpec, { stateRows, stateBytes }: Pick<TaskResult['figures'], 'stateRows' | 'stateBytes'>): void {
    const state = this.#stages.get(task.stageId)?.[task.partitionIndex]
    if (!state) return
    state.rows = stateRows
    state.bytes = stateBytes
    state.replay.push(task)
    for (const slice of task.inputs) {
      slice.held?.hold()
      state.replayBytes += sliceBytes(slice)
    }
  }

  /** Partitions of a stage whose retained tasks have outgrown their snapshot. */
  snapshotsDue(stageId: number): number[] {
    const states = this.#stages.get(stageId) ?? []
    return states.flatMap((state, partitionIndex) => {
      const limitBytes = Math.max(REPLAY_BYTES_MIN, state.broughtBytes)
      return state.replayBytes > limitBytes || state.replay.length >= REPLAY_BATCHES_MAX ? [partitionIndex] : []
    })
  }

  /** What to ask for, so that a snapshot brings what is new. */
  requestOf(stageId: number, partitionIndex: number): SnapshotRequest {
    return { partitionIndex, sinceVersion: this.lineageOf(stageId, partitionIndex).snapshot.version }
  }

  /** Takes a snapshot in place of the tasks up to its version. */
  replaceBy(snapshot: StateSnapshot): void {
    const state = this.lineageOf(snapshot.stageId, snapshot.partitionIndex)
    const before = new Map(state.snapshot.panes.map(pane => [pane.paneMs, pane]))
    state.broughtBytes = 0
    const panes = snapshot.panes.map(({ paneMs, block }) => {
      if (block) {
        state.broughtBytes += block.bytes.length
        return { paneMs, ...this.#keep(block) }
      }
      const kept = before.get(paneMs)
      assert(kept, `a snapshot takes pane ${paneMs} for known, which it is not`)
      before.delete(paneMs)
      return kept
    })
    for (const { held } of before.values()) held?.letGo()
    state.snapshot = { ...snapshot, panes }
    for (const { batchId, inputs } of state.replay) {
      if (batchId <= snapshot.version) for (const { held } of inputs) held?.letGo()
    }
    state.replay = state.replay.filter(task => task.batchId > snapshot.version)
    state.replayBytes = sum(state.replay, task => sum(task.inputs, sliceBytes))
  }

  /** Stages with state, in order. */
  get statefulStages(): readonly number[] {
    return [...this.#stages.keys()]
  }

  lineageOf(stageId: number, partitionIndex: number): PartitionState {
    const state = this.#stages.get(stageId)?.[partitionIndex]
    assert(state, `stage ${stageId}, partition ${partitionIndex} has no state`)
    return state
  }

  /** By stageId: what the last tasks that ran on the partitions have told, all of them together. */
  figures(): ReadonlyMap<number, StateFigures> {
    return new Map([...this.#stages].map(([stageId, partitions]) => [stageId, {
      rows: sum(partitions, ({ rows }) => rows),
      bytes: sum(partitions, ({ bytes }) => bytes),
    }]))
  }

  clear(): void {
    this.#stages.clear()
  }

  get isEmpty(): boolean {
    return this.#stages.size === 0
  }

  /** The block in memory that is used again once another one takes its place. */
  #keep(block: GroupsBlock): Pick<PaneSnapshot, 'block' | 'held'> {
    const { length } = block.bytes
    const piece = this.#memory.allocate(length)
    piece.set(block.bytes)
    return { block: { ...block, bytes: piece.subarray(0, length) }, held: new HeldMemory(this.#memory, [piece]) }
  }
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
