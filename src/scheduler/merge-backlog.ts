/**
 * Partial groups from the batch that wrote them to the one that merges them. Where windows come out once they have closed, a
 * batch that closes none has nothing to give: its groups wait for the next one that does, and are merged together with those.
 * Invariants: groups are merged in the order of their batches, so the state is as if each had been merged at once; what waits
 * stays within WAITING_BYTES_MAX and WAITING_BATCHES_MAX for each stage, so that no batch has much more to merge than its own.
 */
import { closesWindow } from '../plan/pane.js'
import { isStateful, type PhysicalPlan, type Stage } from '../plan/stage.js'
import type { OperatorWatermarks } from '../plan/task.js'
import type { WrittenBlock } from './shuffle-tracker.js'

export const WAITING_BYTES_MAX = 2_097_152
export const WAITING_BATCHES_MAX = 32

/** What waits for one stage. */
interface Waiting {
  readonly operatorId: number
  readonly window: Parameters<typeof closesWindow>[0]
  blocks: WrittenBlock[]
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
    { stageId }: Stage, written: readonly WrittenBlock[], watermarks: Readonly<Record<number, OperatorWatermarks>>,
  ): readonly WrittenBlock[] | null {
    const waiting = this.#stages.get(stageId)
    if (!waiting) return written
    for (const block of written) waiting.blocks.push(block)
    waiting.bytes += written.reduce((bytes, { block }) => bytes + (block.kind === 'groups' ? block.bytes.length : 0), 0)
    waiting.batches++
    const closeMs = watermarks[waiting.operatorId]?.closeWatermarkMs ?? -Infinity
    const isFull = waiting.bytes > WAITING_BYTES_MAX || waiting.batches >= WAITING_BATCHES_MAX
    if (!isFull && !closesWindow(waiting.window, waiting.closedToMs, closeMs)) return null
    const { blocks } = waiting
    Object.assign(waiting, { blocks: [], bytes: 0, batches: 0, closedToMs: closeMs })
    return blocks
  }

  clear(): void {
    this.#stages.clear()
  }

  get isEmpty(): boolean {
    return this.#stages.size === 0
  }
}

function deferrable(stage: Stage): (Pick<Waiting, 'operatorId' | 'window'> & { readonly stageId: number })[] {
  const { stageId, input } = stage
  if (!isStateful(stage) || input.kind !== 'aggregate' || input.mode !== 'append') return []
  const { window, operatorId } = input.aggregate
  return window ? [{ stageId, window, operatorId }] : []
}
