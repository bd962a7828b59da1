/**
 * Drives a TaskRunner through batches as the scheduler would, one task after the other: cuts rows into tasks, takes shuffle
 * blocks to their partitions, keeps watermarks. Batches come out as rows.
 */
import { Batch } from '../../src/data/batch.js'
import type { Block, BlockSlice, ColumnBlock } from '../../src/data/block.js'
import { validityBytes, type Column } from '../../src/data/column.js'
import { partRows } from '../../src/data/groups-block.js'
import type { ColumnType, Schema } from '../../src/data/schema.js'
import type { KernelSet } from '../../src/kernel/kernel-set.js'
import { withBlocks } from '../../src/kernel/fused/program-blocks.js'
import { compilePlan } from '../../src/kernel/plan-compiler.js'
import { aggregateCallOf } from '../../src/plan/aggregate-table.js'
import type { AggregateCall, AggregateName, Expression, NamedExpression } from '../../src/plan/expression.js'
import type { FastPaths } from '../../src/plan/fast-path.js'
import type { AggregateSpec, OutputMode, PlanNode, WindowSpec } from '../../src/plan/node.js'
import { planOutputs } from '../../src/plan/plan-outputs.js'
import type { PhysicalPlan } from '../../src/plan/stage.js'
import type { ExecutorPlan, OperatorWatermarks, ShuffleBlock, TaskResult, TaskSpec } from '../../src/plan/task.js'
import { windowFields } from '../../src/data/schema.js'
import { outputBlocks } from '../../src/scheduler/output-blocks.js'
import { TaskRunner } from '../../src/worker/task-runner.js'

export type Row = Readonly<Record<string, boolean | number | bigint | string | null>>

export const column = (name: string, type: ColumnType): Expression => ({ kind: 'column', name, type })

export const named = (name: string, type: ColumnType): NamedExpression => ({ name, expression: column(name, type) })

export const aggregate = (name: string, fn: AggregateName, ...args: readonly Expression[]): AggregateCall =>
  aggregateCallOf(name, fn, args, null)

const ARRAYS = { bool: Uint8Array, i32: Int32Array, i64: BigInt64Array, f32: Float32Array, f64: Float64Array,
  timestamp: Float64Array, utf8: Int32Array }

/** A block of rows; a missing value is null. */
export function blockOf(schema: Schema, rows: readonly Row[]): ColumnBlock {
  const columns = schema.map(({ name, type }): Column => {
    const values = new ARRAYS[type](rows.length)
    const validity = new Uint8Array(validityBytes(rows.length))
    const codes = new Map<string, number>()
    rows.forEach((row, i) => {
      const value = row[name] ?? null
      if (value === null) return
      validity[i >>> 3]! |= 1 << (i & 7)
      if (typeof value === 'string' && !codes.has(value)) codes.set(value, codes.size)
      values[i] = (typeof value === 'string' ? codes.get(value)! : typeof value === 'boolean' ? Number(value) : value) as never
    })
    const hasNulls = rows.some(row => (row[name] ?? null) === null)
    const plain = { type, values, validity: hasNulls ? validity : null }
    return (type === 'utf8' ? { ...plain, dictionary: dictionaryOf([...codes.keys()]) } : plain) as Column
  })
  return { kind: 'columns', schema, numRows: rows.length, columns }
}

function dictionaryOf(texts: readonly string[]): { offsets: Uint32Array; bytes: Uint8Array } {
  const encoded = texts.map(text => new TextEncoder().encode(text))
  const offsets = new Uint32Array(texts.length + 1)
  encoded.forEach((bytes, i) => { offsets[i + 1] = offsets[i]! + bytes.length })
  const all = new Uint8Array(offsets[texts.length]!)
  encoded.forEach((bytes, i) => all.set(bytes, offsets[i]!))
  return { offsets, bytes: all }
}

export interface AggregationSpec {
  readonly schema: Schema
  readonly keys?: readonly NamedExpression[]
  readonly window?: Omit<WindowSpec, 'name' | 'time' | 'offsetMs'> & { readonly offsetMs?: number }
  readonly aggregates: readonly AggregateCall[]
  readonly scope?: AggregateSpec['scope']
  readonly mode?: OutputMode
  readonly delayMs?: number
  /** Stands before the aggregation. */
  readonly filter?: Expression
}

/** source → watermark on `at` (if there is a window) → aggregation. A window's column is `w`, its time `at`. */
export function aggregationPlan(
  { schema, keys = [], window, aggregates, scope = 'stream', mode, delayMs = 0, filter }: AggregationSpec,
): PhysicalPlan {
  const source: PlanNode = { kind: 'source', nodeId: 0, schema, sourceId: 0, name: 'test', format: 'columns' }
  const timed: PlanNode = window
    ? { kind: 'watermark', nodeId: 1, schema, input: source, watermarkId: 0, column: 'at', delayMs, idleTimeoutMs: null }
    : source
  const input: PlanNode = filter ? { kind: 'filter', nodeId: 3, schema, input: timed, predicate: filter } : timed
  const outputSchema: Schema = [
    ...keys.map(({ name, expression }) => ({ name, type: expression.type })),
    ...window ? windowFields('w') : [],
    ...aggregates.map(({ name, type }) => ({ name, type })),
  ]
  const node: PlanNode = {
    kind: 'aggregate', nodeId: 2, schema: outputSchema, input,
    aggregate: {
      operatorId: 0, keys, aggregates, scope, outputSchema, watermarkLagMs: 0, watermarkIds: window ? [0] : [],
      window: window ? { name: 'w', time: column('at', 'timestamp'), offsetMs: 0, ...window } : null,
    },
  }
  return planOutputs([{ outputId: 0, name: 'test', node,
    mode: mode ?? (window ? 'append' : scope === 'batch' ? 'append' : 'update') }])
}

export interface DriverOptions {
  readonly partitions?: number
  /** Rows of one source task. */
  readonly taskRows?: number
  readonly delayMs?: number
  readonly fastPaths?: FastPaths
}

export class TaskDriver {
  readonly runner: TaskRunner
  readonly #plan: ExecutorPlan
  readonly #taskRows: number
  readonly #delayMs: number
  #batchId = 0
  #maxTimeMs = -Infinity
  #lateWatermarkMs = -Infinity
  /** Results of the last batch's tasks. */
  results: TaskResult[] = []

  constructor(
    set: KernelSet, plan: PhysicalPlan, { partitions = 3, taskRows = 65_536, delayMs = 0, fastPaths = {} }: DriverOptions = {},
  ) {
    this.#plan = { plan, partitions, badRecordsMax: 10, recordBytesMax: 1024, fastPaths }
    this.#taskRows = taskRows
    this.#delayMs = delayMs
    const programs = compilePlan(plan, fastPaths)
    const isFused = set.blocks !== null && fastPaths.fusedPrograms === true
    this.runner = new TaskRunner(set, { ...this.#plan, programs: isFused ? withBlocks(programs, false) : programs })
  }

  /** Runs a batch of blocks; gives its rows. */
  batch(...blocks: readonly Block[]): Record<string, unknown>[] {
    const { partitions, plan } = this.#plan
    const closeWatermarkMs = this.#maxTimeMs - this.#delayMs
    const watermarks: Record<number, OperatorWatermarks> = { 0: { lateWatermarkMs: this.#lateWatermarkMs, closeWatermarkMs } }
    this.#lateWatermarkMs = closeWatermarkMs
    const common = { batchId: this.#batchId++, attempt: 0, firstOrdinal: 0, watermarks, batchTimeMs: 0 }
    this.results = []
    let shuffled: ShuffleBlock[] = []
    for (const { stageId, input } of plan.stages) {
      const tasks = input.kind === 'source'
        ? this.#cut(blocks).map((inputs, taskIndex): TaskSpec => ({ ...common, stageId, taskIndex, partitionIndex: 0, inputs }))
        : Array.from({ length: input.kind === 'aggregate' ? partitions : 1 }, (_, partitionIndex): TaskSpec => ({
            ...common, stageId, taskIndex: partitionIndex, partitionIndex,
            inputs: shuffled.flatMap(({ block }): BlockSlice[] => {
              if (block.kind === 'columns') return [{ block, start: 0, end: block.numRows }]
              return partRows(block, partitionIndex) > 0 ? [{ block, start: partitionIndex, end: partitionIndex + 1 }] : []
            }),
          }))
      const results: TaskResult[] = []
      while (results.length < tasks.length) results.push(...this.runner.run(tasks, results.length))
      shuffled = results.flatMap(result => result.shuffles)
      for (const { figures } of results) this.#maxTimeMs = Math.max(this.#maxTimeMs, figures.maxEventTimeMs[0] ?? -Infinity)
      this.results.push(...results)
    }
    return new Batch(plan.outputs[0]!.schema, outputBlocks(this.results, 0)).toRows()
  }

  /** All of the state, as one would keep it. */
  snapshot(): ReturnType<TaskRunner['snapshot']> {
    return this.runner.snapshot(1, Array.from({ length: this.#plan.partitions }, (_, partitionIndex) =>
      ({ partitionIndex, sinceVersion: -Infinity })))
  }

  /** Goes on where another driver stands, as its state was kept. */
  continueFrom(other: TaskDriver, state = other.snapshot()): void {
    this.#batchId = other.#batchId
    this.#maxTimeMs = other.#maxTimeMs
    this.#lateWatermarkMs = other.#lateWatermarkMs
    this.runner.restore(state)
  }

  #cut(blocks: readonly Block[]): TaskSpec['inputs'][] {
    return blocks.flatMap((block): TaskSpec['inputs'][] => {
      if (block.kind === 'bytes') return [[{ block, start: 0, end: block.bytes.length }]]
      return Array.from({ length: Math.ceil(block.numRows / this.#taskRows) }, (_, i) =>
        [{ block, start: i * this.#taskRows, end: Math.min(block.numRows, (i + 1) * this.#taskRows) }])
    })
  }
}
