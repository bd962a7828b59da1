/**
 * Partial groups from the batch that wrote them to the one that merges them. Where windows come out once they have closed, a
 * batch that closes none has nothing to give: its groups wait for the next one that does, and are merged together with those.
 * Invariants: groups are merged in the order of their batches, so the state is as if each had been merged at once; what waits
 * stays within WAITING_BYTES_MAX and WAITING_BATCHES_MAX for each stage, so that no batch has much more to merge than its own.
 */
import { closesWindow } from '../plan/pane.js'
import { isStateful, type PhysicalPlan, type Stage } from '../plan/stage.js'
import type { OperatorWatermarks, ShuffleBlock } from '../plan/task.js'

export const WAITING_BYTES_MAX = 2_097_152
export const WAITING_BATCHES_MAX = 32

/** What waits for one stage. */
interface Waiting {
  readonly operatorId: number
  readonly window: Parameters<typeof closesWindow>[0]
  blocks: ShuffleBlock[]
  bytes: number
  batches: number
  /** The watermark by which the stage has closed windows when it last ran. */
  closedToMs: number
}

export class MergeBacklog {
  /** Stages whose groups may wait. */
  readonly #stages = new Map<number, Waiting>()

  /** @param defers groups may wait at all. */
  constructor(plan: PhysicalPlan, defers = true) {
    for (const { stageId, window, operatorId } of defers ? plan.stages.flatMap(deferrable) : []) {
      this.#stages.set(stageId, { operatorId, window, blocks: [], bytes: 0, batches: 0, closedToMs: -Infinity })
    }
  }

  /**
   * Takes what a batch wrote for a stage, in order.
   * @returns all that the stage is to merge in this batch; null: nothing, and what was written waits.
   */
  take(
    { stageId }: Stage, written: readonly ShuffleBlock[], watermarks: Readonly<Record<number, OperatorWatermarks>>,
  ): readonly ShuffleBlock[] | null {
    const waiting = this.#stages.get(stageId)
    if (!waiting) return written
    for (const block of written) waiting.blocks.push(block)
    waiting.bytes += written.reduce((bytes, { block }) => bytes + (block.kind === 'groups' ? block.bytes.length : 0), 0)
    const closeMs = closeWatermark(waiting, watermarks)
    if (waiting.bytes <= WAITING_BYTES_MAX && !mergesAnyway(waiting, closeMs)) {
      waiting.batches++
      return null
    }
    return emptied(waiting, closeMs)
  }

  /**
   * Takes what waits for a stage before the batch has written anything for it: that is to be merged behind it in the same batch.
   * @returns null: whether the stage merges in this batch depends on what is written.
   */
  takeAhead(
    { stageId }: Stage, watermarks: Readonly<Record<number, OperatorWatermarks>>,
  ): readonly ShuffleBlock[] | null {
    const waiting = this.#stages.get(stageId)
    if (!waiting) return []
    const closeMs = closeWatermark(waiting, watermarks)
    return mergesAnyway(waiting, closeMs) ? emptied(waiting, closeMs) : null
  }

  clear(): void {
    this.#stages.clear()
  }

  get isEmpty(): boolean {
    return this.#stages.size === 0
  }
}

function closeWatermark({ operatorId }: Waiting, watermarks: Readonly<Record<number, OperatorWatermarks>>): number {
  return watermarks[operatorId]?.closeWatermarkMs ?? -Infinity
}

/** However much the batch writes. */
function mergesAnyway({ batches, window, closedToMs }: Waiting, closeMs: number): boolean {
  return batches + 1 >= WAITING_BATCHES_MAX || closesWindow(window, closedToMs, closeMs)
}

function emptied(waiting: Waiting, closedToMs: number): readonly ShuffleBlock[] {
  const { blocks } = waiting
  Object.assign(waiting, { blocks: [], bytes: 0, batches: 0, closedToMs })
  return blocks
}

function deferrable(stage: Stage): (Pick<Waiting, 'operatorId' | 'window'> & { readonly stageId: number })[] {
  const { stageId, input } = stage
  if (!isStateful(stage) || input.kind !== 'aggregate' || input.mode !== 'append') return []
  const { window, operatorId } = input.aggregate
  return window ? [{ stageId, window, operatorId }] : []
}
