/**
 * The lineage of keyed state: for each stateful partition the last snapshot, and the tasks that were run on it since. From them a
 * partition can be rebuilt on another worker: restore the snapshot, run the retained tasks again, drop what they give.
 * Invariant: what is retained stays within REPLAY_BYTES_MIN or the size of the snapshot, whichever is more, and
 * REPLAY_BATCHES_MAX batches: beyond that a snapshot is due, which takes their place.
 */
import { assert } from '../base/errors.js'
import { sliceBytes } from '../data/block-slice.js'
import { isStateful, type PhysicalPlan } from '../plan/stage.js'
import type { StateSnapshot, TaskResult, TaskSpec } from '../plan/task.js'

export const REPLAY_BYTES_MIN = 1_048_576
export const REPLAY_BATCHES_MAX = 64

/** How to rebuild one partition. */
export interface PartitionLineage {
  readonly snapshot: StateSnapshot
  readonly replay: readonly TaskSpec[]
}

/** What a stage keeps, all partitions together. */
export interface StateFigures {
  readonly rows: number
  readonly bytes: number
}

interface PartitionState {
  snapshot: StateSnapshot
  snapshotBytes: number
  replay: TaskSpec[]
  replayBytes: number
  rows: number
  bytes: number
}

export class StateTracker {
  readonly #stages = new Map<number, PartitionState[]>()

  constructor(plan: PhysicalPlan, partitions: number) {
    for (const stage of plan.stages.filter(isStateful)) {
      this.#stages.set(stage.stageId, Array.from({ length: partitions }, (_, partitionIndex) => ({
        snapshot: { stageId: stage.stageId, partitionIndex, version: -1, block: null },
        snapshotBytes: 0,
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
      const limitBytes = Math.max(REPLAY_BYTES_MIN, state.snapshotBytes)
      return state.replayBytes > limitBytes || state.replay.length >= REPLAY_BATCHES_MAX ? [partitionIndex] : []
    })
  }

  /** Takes a snapshot in place of the tasks up to its version. */
  replaceBy(snapshot: StateSnapshot): void {
    const state = this.#stages.get(snapshot.stageId)?.[snapshot.partitionIndex]
    assert(state, `a snapshot of stage ${snapshot.stageId}, partition ${snapshot.partitionIndex} came, which has no state`)
    state.snapshot = snapshot
    state.snapshotBytes = snapshot.block ? sliceBytes({ block: snapshot.block, start: 0, end: 1 }) : 0
    for (const { batchId, inputs } of state.replay) {
      if (batchId <= snapshot.version) for (const { held } of inputs) held?.letGo()
    }
    state.replay = state.replay.filter(task => task.batchId > snapshot.version)
    state.replayBytes = state.replay.reduce((bytes, task) =>
      bytes + task.inputs.reduce((sum, slice) => sum + sliceBytes(slice), 0), 0)
  }

  /** Stages with state, in order. */
  get statefulStages(): readonly number[] {
    return [...this.#stages.keys()]
  }

  lineageOf(stageId: number, partitionIndex: number): PartitionLineage {
    const state = this.#stages.get(stageId)?.[partitionIndex]
    assert(state, `stage ${stageId}, partition ${partitionIndex} has no state`)
    return state
  }

  /** By stageId: what the last tasks that ran on the partitions have told, all of them together. */
  figures(): ReadonlyMap<number, StateFigures> {
    return new Map([...this.#stages].map(([stageId, partitions]) => [stageId, {
      rows: partitions.reduce((sum, { rows }) => sum + rows, 0),
      bytes: partitions.reduce((sum, { bytes }) => sum + bytes, 0),
    }]))
  }

  /** Bytes of retained inputs and snapshots. */
  get retainedBytes(): number {
    let bytes = 0
    for (const states of this.#stages.values()) {
      for (const state of states) bytes += state.replayBytes + state.snapshotBytes
    }
    return bytes
  }

  clear(): void {
    this.#stages.clear()
  }

  get isEmpty(): boolean {
    return this.#stages.size === 0
  }
}
