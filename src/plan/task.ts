/**
 * The seam between scheduler and workers: frozen data that both know, and the port through which tasks run. The inline executor
 * (edge, tests) and the worker pool (browser, Node) are interchangeable behind it.
 * Invariant: what a task computes depends on its spec and its partition's state alone, never on the worker or the time.
 */
import type { BlockSlice, ColumnBlock, GroupsBlock } from '../data/block.js'
import type { BlockMemory, HeldMemory } from '../data/block-memory.js'
import type { FastPaths } from './fast-path.js'
import type { PhysicalPlan } from './stage.js'

export interface TaskSpec {
  readonly batchId: number
  readonly stageId: number
  /** Dense within the stage and batch, by data: source tasks in row order, keyed tasks by partition. */
  readonly taskIndex: number
  /** The partition of a keyed stage, else 0. */
  readonly partitionIndex: number
  readonly attempt: number
  /**
   * Source: slices of consecutive blocks. Keyed shuffle: the partition's parts of blocks, by (parent stage, task, terminal
   * order); gather: whole blocks, by (terminal order, parent stage, task).
   */
  readonly inputs: readonly BlockSlice[]
  /** It reads, behind its inputs, what the tasks before it in the same call write for this keyed shuffle. */
  readonly readsShuffle?: number | undefined
  /**
   * Ordinal in the source (since its start) of the first byte or row of `inputs[0]`: bad records and samples are numbered
   * from it.
   */
  readonly firstOrdinal: number
  /** By operatorId. −Infinity: no watermark yet; +Infinity: the input has ended. */
  readonly watermarks: Readonly<Record<number, OperatorWatermarks>>
  readonly batchTimeMs: number
  /** By tableId: the version of each table that the batch sees; absent where the plan joins with none. */
  readonly tables?: TableVersions
}

/** Version by tableId; versions count up. */
export type TableVersions = Readonly<Record<number, number>>

/** One version of a table that the program gave: all its rows. */
export interface TableContent {
  readonly tableId: number
  readonly version: number
  readonly block: ColumnBlock
}

export interface OperatorWatermarks {
  readonly lateWatermarkMs: number
  readonly closeWatermarkMs: number
}

export interface TaskResult {
  readonly batchId: number
  readonly stageId: number
  readonly taskIndex: number
  readonly attempt: number
  readonly results: readonly ResultBlock[]
  readonly shuffles: readonly ShuffleBlock[]
  readonly figures: TaskFigures
  readonly badRecords: readonly BadRecord[]
}

/** What one task gave for an output. */
export interface ResultBlock {
  readonly outputId: number
  readonly order: number
  readonly block: ColumnBlock
  /** First row that is the task's, and the one behind its last, where tasks that ran together share a block; absent: all. */
  readonly rows?: readonly [start: number, end: number]
}

/** What one task wrote for a shuffle: groups in one part per partition, or rows to gather; left out where there are none. */
export interface ShuffleBlock {
  readonly shuffleId: number
  readonly order: number
  readonly block: ColumnBlock | GroupsBlock
  /** What the block lies in, to be let go once its readers are done; absent where that is the collector's affair. */
  readonly held?: HeldMemory
}

/**
 * Counts of one task; of tasks that ran together the first one's are those of all. Of the first branch, which stands for the
 * task: `rowsIn + multiplied = rowsOut + filtered + late + nullTime` and, for undecoded input, records = rowsIn + bad.
 */
export interface TaskFigures {
  readonly rowsIn: number
  readonly bytesIn: number
  readonly rowsOut: number
  readonly filtered: number
  readonly late: number
  readonly nullTime: number
  /** Rows that joins added: a row with n matches adds n − 1. */
  readonly multiplied: number
  readonly bad: number
  /** i64 results and casts that did not fit and became null. */
  readonly overflows: number
  /** Largest event time by watermarkId; absent where the task saw none. */
  readonly maxEventTimeMs: Readonly<Record<number, number>>
  /** Counts per branch, in the order of the stage's branches; the fields above repeat branch 0. */
  readonly branches: readonly BranchFigures[]
  /** Groups and bytes of the partition's state after the task; 0 where there is none. */
  readonly stateRows: number
  readonly stateBytes: number
  readonly runMs: number
}

export interface BranchFigures {
  readonly rowsIn: number
  readonly rowsOut: number
  readonly filtered: number
  readonly late: number
  readonly nullTime: number
  /** Rows that joins added: a row with n matches adds n − 1. */
  readonly multiplied: number
}

/** A record that could not be decoded. At most `badRecordsMax` of a task are kept; all are counted. */
export interface BadRecord {
  /** Byte ordinal of the record in the source. */
  readonly offset: number
  /** Position within the record of the first byte that cannot be. */
  readonly position: number
  readonly reason: string
  /** The record's first 120 bytes. */
  readonly bytes: Uint8Array
}

/** One partition's state at the end of batch `version`, pane by pane, ascending. `version` −1: nothing yet. */
export interface StateSnapshot {
  readonly stageId: number
  readonly partitionIndex: number
  readonly version: number
  readonly panes: readonly PaneSnapshot[]
}

export interface PaneSnapshot {
  readonly paneMs: number
  /** In one part; null: as it was in the version that who asked has got. */
  readonly block: GroupsBlock | null
  /** What the block lies in; absent where that is the collector's affair. */
  readonly held?: HeldMemory
}

/** A partition whose state is asked for, and the version that is known of it already. */
export interface SnapshotRequest {
  readonly partitionIndex: number
  readonly sinceVersion: number
}

/** What an executor needs before its first task. */
export interface ExecutorPlan {
  readonly plan: PhysicalPlan
  readonly partitions: number
  readonly badRecordsMax: number
  /** Longest record that a decoder accepts, in bytes. */
  readonly recordBytesMax: number
  /** All on when left out. */
  readonly fastPaths?: FastPaths
}

/** How the executor came to run; `context.capabilities` shows it. */
export interface Capabilities {
  /** Number of workers; 0 = tasks run on the scheduler's thread. */
  readonly workers: number
  readonly kernels: 'simd' | 'scalar' | 'reference'
  /** Where the kernels came from. */
  readonly kernelSource: 'file' | 'inline' | 'url' | 'none'
  readonly workerSource: 'file' | 'inline' | 'url' | 'custom' | 'none'
  /** How blocks reach workers. `none`: they stay on one thread. */
  readonly blockTransport: 'shared' | 'transfer' | 'none'
  /** Blocks lie in the memory of those who run tasks, and are read there; else they are copied into each one's own. */
  readonly sharedHeap: boolean
  /** What was tried and failed on the way, in order. */
  readonly failures: readonly string[]
}

/** Tasks that lie before all workers: each that is asked takes, one after the other, what no other has begun. */
export interface TaskOffer {
  /** As `run`: the results of those that the worker has taken, perhaps none. */
  take(slot: number): Promise<readonly TaskResult[]>
  /** To be called when all calls of `take` have settled. */
  close(): void
}

/** The part of an executor that takes tables. */
export type TableExecutor = Pick<TaskExecutor, 'capabilities' | 'putTables'>

/**
 * Runs tasks. A worker is a number in `[0, slots)`; `slots` is at least 1. Calls to a worker are carried out in the order they
 * are made in, and need not wait for answers. A rejected call loses the state of that worker, and with it all calls behind it, up
 * to `restore`:
 *  - TASK_FAILED: one of the tasks failed (a kernel trapped, the input was wrong); the worker lives.
 *  - WORKER_LOST: the worker ended; by the time of the rejection a new one, empty, stands in its place.
 *  - BAD_RECORD and others: not worth another attempt.
 */
export interface TaskExecutor {
  readonly slots: number
  readonly capabilities: Capabilities
  open(plan: ExecutorPlan): Promise<void>
  /**
   * Runs tasks on one worker, in the order given; answers once, with one result per task. They are of one stage, or of one that
   * reads a source and, behind it, of those that read its shuffles.
   */
  run(slot: number, tasks: readonly TaskSpec[]): Promise<readonly TaskResult[]>
  /** Lays tasks of one stage, which are bound to no worker, before all of them; null where they must be dealt. */
  offer(tasks: readonly TaskSpec[]): TaskOffer | null
  /** The state of partitions of a stateful stage as they stand: the panes that have changed since a version. */
  snapshot(slot: number, stageId: number, requests: readonly SnapshotRequest[]): Promise<readonly StateSnapshot[]>
  /** Gives a worker tables in the version that its next tasks name; each takes the place of an earlier one. */
  putTables(slot: number, tables: readonly TableContent[]): Promise<void>
  /** Replaces the state of those partitions by whole snapshots; a worker that was lost can be used again then. */
  restore(slot: number, snapshots: readonly StateSnapshot[]): Promise<void>
  /** Where the blocks that tasks will read are to lie: shared where workers can share, so that posting them costs nothing. */
  readonly memory: BlockMemory
  close(): Promise<void>
}
