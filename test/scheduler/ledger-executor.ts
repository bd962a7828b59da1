/**
 * An executor whose state is a ledger: the batches that each partition has merged. A partition that is run twice for a batch,
 * or that misses one, is found out at once. It fails when it is told to, and then refuses all until it is restored.
 */
import { MillraceError, type ErrorCode } from '../../src/base/errors.js'
import type { GroupsBlock } from '../../src/data/block.js'
import { partEnds, planGroups, readParts } from '../../src/data/groups-block.js'
import { PooledBlockMemory } from '../../src/data/block-memory.js'
import type {
  Capabilities, ExecutorPlan, SnapshotRequest, StateSnapshot, TaskExecutor, TaskOffer, TaskResult, TaskSpec,
} from '../../src/plan/task.js'

const NO_FIGURES = {
  rowsIn: 0, bytesIn: 0, rowsOut: 0, filtered: 0, late: 0, nullTime: 0, multiplied: 0, bad: 0, overflows: 0, maxEventTimeMs: {},
    branches: [], stateBytes: 0, runMs: 1,
}

/** Rows that hold the batch ids, in one part. */
export function ledgerBlock(batchIds: readonly number[]): GroupsBlock {
  const shape = { numRows: batchIds.length, rowBytes: 8, numParts: 1, numTexts: 0 }
  const { rowsAt, totalBytes } = planGroups(shape, 0)
  const block: GroupsBlock = { kind: 'groups', ...shape, bytes: new Uint8Array(totalBytes) }
  new Float64Array(block.bytes.buffer, rowsAt).set(batchIds)
  partEnds(block)[0] = batchIds.length
  return block
}

/** The batch ids in such a block. */
export function batchIdsIn(block: GroupsBlock): number[] {
  const { rows } = readParts(block, 0, 1)
  return [...new Float64Array(rows.buffer, rows.byteOffset, block.numRows)]
}

export class LedgerExecutor implements TaskExecutor {
  readonly slots: number
  /** Tasks that are bound to no slot lie before all of them. */
  offers = false
  openOffers = 0
  readonly capabilities: Capabilities = {
    workers: 0, kernels: 'reference', kernelSource: 'none', workerSource: 'none', blockTransport: 'none',
    sharedHeap: false, failures: [],
  }
  readonly memory = new PooledBlockMemory(false)
  readonly calls: { readonly slot: number; readonly taskIndexes: readonly number[]; readonly attempts: readonly number[] }[] = []
  /** By slot, then by stage and partition. */
  readonly ledgers: Map<string, number[]>[]
  #faults: { code: ErrorCode; slot: number; times: number }[] = []
  readonly #turns: Promise<unknown>[]
  readonly #lost = new Set<number>()

  constructor(slots: number) {
    this.slots = slots
    this.ledgers = Array.from({ length: slots }, () => new Map())
    this.#turns = this.ledgers.map(() => Promise.resolve())
  }

  /** The next `times` runs on a slot fail, after their work is done, and leave the state in disorder. */
  fail(code: ErrorCode, slot: number, times: number): void {
    this.#faults.push({ code, slot, times })
  }

  async open(_plan: ExecutorPlan): Promise<void> {}

  offer(tasks: readonly TaskSpec[]): TaskOffer | null {
    if (!this.offers) return null
    const left = [...tasks]
    this.openOffers++
    return {
      // Two at a time, so that a slot has something to lose.
      take: slot => this.#run(slot, () => left.splice(0, 2)),
      close: () => { this.openOffers-- },
    }
  }

  run(slot: number, tasks: readonly TaskSpec[]): Promise<readonly TaskResult[]> {
    return this.#run(slot, () => tasks)
  }

  #run(slot: number, take: () => readonly TaskSpec[]): Promise<readonly TaskResult[]> {
    return this.#inTurn(slot, () => {
      this.#checkSound(slot)
      const tasks = take()
      this.calls.push({ slot, taskIndexes: tasks.map(task => task.taskIndex), attempts: tasks.map(task => task.attempt) })
      const results = tasks.map(task => this.#merge(slot, task))
      const fault = this.#faults.find(({ slot: failing, times }) => failing === slot && times > 0)
      if (!fault) return results
      fault.times--
      this.#lost.add(slot)
      if (fault.code === 'WORKER_LOST') this.ledgers[slot]!.clear()
      throw new MillraceError(fault.code, `made to fail, ${fault.times} times more`)
    })
  }

  snapshot(slot: number, stageId: number, requests: readonly SnapshotRequest[]): Promise<readonly StateSnapshot[]> {
    return this.#inTurn(slot, () => {
      this.#checkSound(slot)
      return requests.map(({ partitionIndex }) => {
        const ledger = this.#ledger(slot, stageId, partitionIndex)
        return { stageId, partitionIndex, version: ledger.at(-1) ?? -1,
          panes: [{ paneMs: 0, block: ledgerBlock(ledger) }] }
      })
    })
  }

  restore(slot: number, snapshots: readonly StateSnapshot[]): Promise<void> {
    return this.#inTurn(slot, () => {
      this.#lost.delete(slot)
      for (const { stageId, partitionIndex, panes } of snapshots) {
        this.ledgers[slot]!.set(`${stageId}/${partitionIndex}`, panes.flatMap(({ block }) => batchIdsIn(block!)))
      }
    })
  }

  async putTables(): Promise<void> {}
  async close(): Promise<void> {}

  #inTurn<T>(slot: number, call: () => T): Promise<T> {
    const turn = this.#turns[slot]!.then(call)
    this.#turns[slot] = turn.catch(() => undefined)
    return turn
  }

  #checkSound(slot: number): void {
    if (this.#lost.has(slot)) throw new MillraceError('WORKER_LOST', 'a call before has failed')
  }

  #ledger(slot: number, stageId: number, partitionIndex: number): number[] {
    const key = `${stageId}/${partitionIndex}`
    const ledger = this.ledgers[slot]!.get(key) ?? []
    this.ledgers[slot]!.set(key, ledger)
    return ledger
  }

  #merge(slot: number, { batchId, stageId, taskIndex, partitionIndex, attempt, inputs }: TaskSpec): TaskResult {
    const ledger = this.#ledger(slot, stageId, partitionIndex)
    if (inputs.length > 0) ledger.push(batchId)
    return { batchId, stageId, taskIndex, attempt, results: [], shuffles: [], badRecords: [],
      figures: { ...NO_FIGURES, stateRows: ledger.length } }
  }
}
