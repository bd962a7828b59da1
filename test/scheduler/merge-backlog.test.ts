/**
 * Which batches merge partial groups and which let them wait: never one whose watermark closes a window, and not too many.
 */
import { describe, expect, it } from 'vitest'
import type { OutputMode } from '../../src/data/output-mode.js'
import { MergeBacklog, WAITING_BATCHES_MAX, WAITING_BYTES_MAX } from '../../src/scheduler/merge-backlog.js'
import type { ShuffleBlock } from '../../src/plan/task.js'
import { ledgerBlock } from './ledger-executor.js'
import { windowPlan } from './plans.js'

const STAGE = 1
const SIZE_MS = 1000

/** A backlog, fed batch by batch: which batches' blocks come out. */
function backlog({ mode = 'append', defers = true }: { mode?: OutputMode; defers?: boolean } = {}) {
  const plan = windowPlan({ inputs: [{ delayMs: 0 }], sizeMs: SIZE_MS, mode })
  const { input } = plan.stages[STAGE]!
  const { operatorId } = (input as Extract<typeof input, { kind: 'aggregate' }>).aggregate
  const merges = new MergeBacklog(plan, defers)
  let batchId = 0
  const watermarksAt = (closeMs: number) => ({ [operatorId]: { lateWatermarkMs: -Infinity, closeWatermarkMs: closeMs } })
  /** What is taken before the batch has written. */
  const ahead = (closeMs: number): number[] | null =>
    merges.takeAhead(plan.stages[STAGE]!, watermarksAt(closeMs))?.map(({ order }) => order) ?? null
  const take = (closeMs: number, rows = 1): number[] | null => {
    const block = ledgerBlock(new Array<number>(rows).fill(0))
    const written: ShuffleBlock = { shuffleId: 0, order: batchId++, block }
    return merges.take(plan.stages[STAGE]!, rows > 0 ? [written] : [], watermarksAt(closeMs))
      ?.map(({ order }) => order) ?? null
  }
  return Object.assign(take, { ahead })
}

describe('merge backlog', () => {
  it('lets groups wait until the end of a window is passed, and gives them in the order of the batches', () => {
    const take = backlog()
    expect([-Infinity, 10_500, 10_700, 10_999, 11_000, 11_000, 11_400, 13_000].map(closeMs => take(closeMs)))
      .toEqual([null, [0, 1], null, null, [2, 3, 4], null, null, [5, 6, 7]])
  })

  it('merges once more when the input has ended', () => {
    const take = backlog()
    expect([10_500, 10_600, Infinity, Infinity].map(closeMs => take(closeMs))).toEqual([[0], null, [1, 2], null])
  })

  it('gives an empty batch nothing, and what waits when it closes a window', () => {
    const take = backlog()
    expect([take(10_500), take(10_600), take(10_700, 0), take(11_000, 0), take(12_000, 0)]).toEqual([[0], null, null, [1], []])
  })

  it('lets no more wait than so many batches', () => {
    const take = backlog()
    take(10_500)
    const waited = Array.from({ length: WAITING_BATCHES_MAX }, () => take(10_600))
    expect(waited.map(given => given?.length ?? 0)).toEqual([...new Array<number>(WAITING_BATCHES_MAX - 1).fill(0),
      WAITING_BATCHES_MAX])
    expect(take(10_700)).toBe(null)
  })

  it('gives what waits before the batch writes, if it is merged in it whatever that is', () => {
    const take = backlog()
    expect(take.ahead(10_500)).toEqual([])
    expect([take(10_600), take.ahead(10_700), take(10_700), take.ahead(11_000), take.ahead(11_500)])
      .toEqual([null, null, null, [0, 1], null])
    for (let i = 1; i < WAITING_BATCHES_MAX; i++) expect([take.ahead(11_600), take(11_600)]).toEqual([null, null])
    expect(take.ahead(11_600)?.length).toBe(WAITING_BATCHES_MAX - 1)
    expect([take.ahead(11_600), take(11_600)]).toEqual([null, null])
    expect([backlog({ mode: 'update' }).ahead(0), backlog({ defers: false }).ahead(0)]).toEqual([[], []])
  })

  it('lets no more wait than so many bytes', () => {
    const take = backlog()
    const half = WAITING_BYTES_MAX / 8 / 2
    take(10_500)
    expect([take(10_600, half), take(10_600, half), take(10_600, half)]).toEqual([null, [1, 2], null])
  })

  it.each(['update', 'complete'] as const)('lets nothing wait in %s mode', mode => {
    const take = backlog({ mode })
    expect([take(10_500), take(10_600)]).toEqual([[0], [1]])
  })

  it('lets nothing wait where it is switched off', () => {
    const take = backlog({ defers: false })
    expect([take(10_500), take(10_600)]).toEqual([[0], [1]])
  })
})
