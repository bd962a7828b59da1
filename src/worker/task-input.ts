/**
 * A task's inputs to columns: blocks of a source loaded or decoded, partial groups merged into the state and what comes out
 * of it, or gathered rows.
 * Invariant: the columns' text is in the task's text table, and their memory belongs to the scope.
 */
import { assert } from '../base/errors.js'
import { partBytes } from '../data/groups-block.js'
import { aggregateLayout } from '../kernel/aggregate-layout.js'
import type { ArenaScope } from '../kernel/arena.js'
import { decodeBytes } from '../kernel/decoder.js'
import { ResultReader } from '../kernel/group-reader.js'
import { loadSlices, type KernelColumns } from '../kernel/kernel-columns.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import type { TextTable } from '../kernel/text-table.js'
import type { FinalAggregate } from '../operator/emission.js'
import { groupsToEmit } from '../operator/final-aggregate.js'
import { firstRows } from '../operator/gather.js'
import type { AggregateSpec, OutputMode } from '../plan/node.js'
import { isOn } from '../plan/fast-path.js'
import type { StageInput } from '../plan/stage.js'
import type { BadRecord, ExecutorPlan, TaskSpec } from '../plan/task.js'
import { ColumnarStateStore } from '../state/columnar-state-store.js'

/** The input of one task, or of several whose partitions are read together: then the counts are those of all. */
export interface LoadedInput {
  readonly columns: KernelColumns
  readonly bytesIn: number
  readonly badCount: number
  readonly bad: readonly BadRecord[]
  /** i64 sums that did not fit when groups were read. */
  readonly overflows: number
}

/** A task and the open-able state of its partition. */
export interface KeyedTask {
  readonly task: TaskSpec
  readonly store: ColumnarStateStore
}

export class TaskInput {
  readonly #set: KernelSet
  readonly #plan: ExecutorPlan
  readonly #input: StageInput
  readonly #text: TextTable
  readonly #aggregate: FinalAggregate | null

  constructor(set: KernelSet, plan: ExecutorPlan, input: StageInput, text: TextTable) {
    this.#set = set
    this.#plan = plan
    this.#input = input
    this.#text = text
    this.#aggregate = input.kind === 'aggregate'
      ? finalAggregate(input.aggregate, input.mode, isOn(plan.fastPaths, 'twoStacks'))
      : null
  }

  load(scope: ArenaScope, task: TaskSpec, store: ColumnarStateStore | null): LoadedInput {
    const input = this.#input
    switch (input.kind) {
      case 'source': return input.format === 'columns' ? this.#loadColumns(scope, task, input) : this.#decode(scope, task, input)
      case 'aggregate': return store ? this.loadGroups(scope, [{ task, store }]).input : this.#aggregateBatch(scope, task)
      case 'gather': {
        const slices = firstRows(task.inputs, input.limit)
        return this.#loaded(task, loadSlices(this.#set, scope, input.schema, slices, this.#text))
      }
    }
  }

  #loadColumns(scope: ArenaScope, task: TaskSpec, { schema, columnsRead }: Extract<StageInput, { kind: 'source' }>): LoadedInput {
    return this.#loaded(task, loadSlices(this.#set, scope, schema, task.inputs, this.#text, columnsRead))
  }

  #decode(scope: ArenaScope, task: TaskSpec, { schema, columnsRead }: Extract<StageInput, { kind: 'source' }>): LoadedInput {
    const { recordBytesMax, badRecordsMax, fastPaths } = this.#plan
    const { columns, badCount, bad } = decodeBytes(this.#set, scope, {
      slices: task.inputs, schema, columnsRead, text: this.#text, recordBytesMax, badRecordsMax, firstOrdinal: task.firstOrdinal,
      templateJson: isOn(fastPaths, 'templateJson'),
    })
    const bytesIn = task.inputs.reduce((bytes, { start, end }) => bytes + end - start, 0)
    return { columns, bytesIn, badCount, bad, overflows: 0 }
  }

  /** Aggregation of each batch by itself: a store for the length of the task. */
  #aggregateBatch(scope: ArenaScope, task: TaskSpec): LoadedInput {
    assert(this.#aggregate, 'a task without partial groups is aggregated')
    const store = new ColumnarStateStore(this.#set, this.#aggregate.layout)
    const { input } = this.loadGroups(scope, [{ task, store }])
    store.free()
    return input
  }

  /**
   * Merges the groups of tasks into the states of their partitions. What comes out of all is read in one go, task by task.
   * @returns with the row that each task's rows end before.
   */
  loadGroups(scope: ArenaScope, parts: readonly KeyedTask[]): { readonly input: LoadedInput; readonly ends: readonly number[] } {
    const operator = this.#aggregate
    assert(operator, 'a task without partial groups is aggregated')
    const emissions = parts.map(({ task, store }) => {
      store.open(task.batchId)
      store.merge(task.inputs)
      const watermarks = task.watermarks[operator.spec.operatorId]
      return groupsToEmit(this.#set, scope, operator, store, { partitionIndex: task.partitionIndex, watermarks })
    })
    const { rows, overflows } = operator.reader.read(this.#set, scope, emissions.flatMap(({ sources }) => sources))
    let start = 0
    const ends = emissions.map(({ sources, end: endEmission }, i) => {
      const { store } = parts[i]!
      const end = sources.reduce((sum, { list }) => sum + list.count, start)
      this.#translateText(rows, store, start, end)
      endEmission()
      store.commit()
      return start = end
    })
    const bytesIn = parts.reduce((bytes, { task }) => bytes + bytesOf(task), 0)
    return { input: { columns: rows, bytesIn, badCount: 0, bad: [], overflows }, ends }
  }

  /** Text of rows `[start, end)` that come from a store, to the tasks'. */
  #translateText({ columns }: KernelColumns, { text }: ColumnarStateStore, start: number, end: number): void {
    for (const { type, values, validity } of columns) {
      if (type === 'utf8') this.#set.kernels.translateCodes(text.ptr, this.#text.ptr, values, validity, start, end)
    }
  }

  #loaded(task: TaskSpec, columns: KernelColumns): LoadedInput {
    return { columns, bytesIn: bytesOf(task), badCount: 0, bad: [], overflows: 0 }
  }
}

function finalAggregate(spec: AggregateSpec, mode: OutputMode, twoStacks: boolean): FinalAggregate {
  const layout = aggregateLayout(spec)
  return { spec, layout, mode, reader: new ResultReader(spec, layout), twoStacks }
}

/** Bytes of the rows that the task reads: its share of each block's. */
function bytesOf({ inputs }: TaskSpec): number {
  return inputs.reduce((sum, { block, start, end }) => {
    if (block.kind === 'bytes') return sum + end - start
    if (block.kind === 'groups') return sum + partBytes(block, start, end)
    const blockBytes = block.columns.reduce((bytes, { values }) => bytes + values.byteLength, 0)
    return sum + (block.numRows ? Math.round(blockBytes * (end - start) / block.numRows) : 0)
  }, 0)
}
