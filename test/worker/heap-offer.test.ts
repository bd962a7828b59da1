/** Tasks that lie before all workers: each is begun once, and what they took of the heap comes back when nobody writes there. */
import { beforeEach, describe, expect, it } from 'vitest'
import { partEnds, planGroups } from '../../src/data/groups-block.js'
import type { GroupsBlock } from '../../src/data/block.js'
import type { TaskSpec } from '../../src/plan/task.js'
import { PageHeap } from '../../src/worker/page-heap.js'
import type { PostedResult } from '../../src/worker/result-transfer.js'
import { claimTasks } from '../../src/worker/task-claims.js'

const FIGURES = {
  rowsIn: 0, bytesIn: 0, rowsOut: 0, filtered: 0, late: 0, nullTime: 0, multiplied: 0, bad: 0, overflows: 0, maxEventTimeMs: {},
  branches: [], stateRows: 0, stateBytes: 0, runMs: 0,
}
const tasks = [0, 1, 2].map((taskIndex): TaskSpec => ({ batchId: 0, stageId: 0, taskIndex, partitionIndex: 0, attempt: 0,
  inputs: [], firstOrdinal: 0, watermarks: {}, batchTimeMs: 0 }))

/** Groups without rows, in a buffer of their own. */
function groups(): GroupsBlock {
  const shape = { numRows: 0, rowBytes: 8, numParts: 1, numTexts: 0 }
  const block: GroupsBlock = { kind: 'groups', ...shape, bytes: new Uint8Array(planGroups(shape, 0).totalBytes + 1000) }
  partEnds(block)[0] = 0
  return block
}

const resultOf = (taskIndex: number): PostedResult =>
  [0, 0, taskIndex, 0, [], [{ shuffleId: 0, order: 0, block: groups() }], FIGURES, []]

let page: PageHeap

beforeEach(() => {
  page = PageHeap.create([])!
  // From what tasks wrote is known what room the next ones need.
  page.rooms.receive([resultOf(0)], [null])
})

/** Addresses of counter and rooms of a new offer. */
function placesOf(offer = page.offer(tasks)!): number[] {
  return [offer.counter, ...offer.message.map(({ room }) => room![0])].sort((a, b) => a - b)
}

describe('an offer', () => {
  it('lets each task be begun once, whoever asks', () => {
    const { message, counter } = page.offer(tasks)!
    const workers = [claimTasks(message, page.views, counter), claimTasks(message, page.views, counter)]
    const begun = [0, 1, 1, 0, 1].map(worker => workers[worker]!.next().value?.[0].taskIndex)
    expect(begun).toEqual([0, 1, 2, undefined, undefined])
  })

  it('gives back counter and rooms once it is over and who was lost has ended', async () => {
    const offer = page.offer(tasks)!
    const places = placesOf(offer)
    let end!: () => void
    offer.waitFor(new Promise(resolve => { end = resolve }))
    // It is not in its room, which is given back at once.
    expect(offer.receive([resultOf(1)]).map(({ taskIndex }) => taskIndex)).toEqual([1])
    const closed = offer.close()
    await Promise.resolve()
    const other = page.offer(tasks)!
    const shared = placesOf(other).filter(place => places.includes(place))
    expect(shared).toEqual([offer.message[1]!.room![0]])
    await other.close()
    end()
    await closed
    const again = [...placesOf(), ...placesOf()]
    for (const place of places) expect(again).toContain(place)
  })
})
