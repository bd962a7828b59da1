/** What workers write for other tasks: into rooms of the page where there are some, the same as elsewhere, and given back. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { GroupsBlock } from '../../src/data/block.js'
import { compilePlan } from '../../src/kernel/plan-compiler.js'
import { withSharedMemory } from '../../src/kernel/shared-module.js'
import type { ShuffleBlock, TaskResult, TaskSpec } from '../../src/plan/task.js'
import { postTasks, type PostedTask } from '../../src/worker/block-transfer.js'
import { OutputRooms } from '../../src/worker/output-rooms.js'
import { PageHeap } from '../../src/worker/page-heap.js'
import { blocksOf, postResult } from '../../src/worker/result-transfer.js'
import { TaskHost } from '../../src/worker/task-host.js'
import { windowPlan } from '../scheduler/plans.js'
import { blockOfRows } from '../support/blocks.js'
import { kernelModules } from '../support/kernels.js'

const plan = { plan: windowPlan({ inputs: [{ delayMs: 0 }], sizeMs: 1000 }), partitions: 2, badRecordsMax: 10,
  recordBytesMax: 1000 }
const watermarks = { 0: { lateWatermarkMs: -Infinity, closeWatermarkMs: -Infinity } }

let page: PageHeap
let host: TaskHost
let rooms: OutputRooms

beforeEach(() => {
  page = PageHeap.create([])!
  const choice = { kind: 'simd', modules: kernelModules('simd', withSharedMemory) } as const
  host = new TaskHost({ ...plan, programs: compilePlan(plan.plan) }, choice, () => 0, null, page.join())
  rooms = new OutputRooms(page)
})

/** Groups rows of so many sensors. */
function task(sensors: number): TaskSpec {
  const rows = Array.from({ length: 3000 }, (_, i) => ({ sensor: `s${i % sensors}`, at: i }))
  const block = blockOfRows(plan.plan.stages[0]!.input.schema, rows)
  return { batchId: 0, stageId: 0, taskIndex: 0, partitionIndex: 0, attempt: 0, inputs: [{ block, start: 0, end: 3000 }],
    firstOrdinal: 0, watermarks, batchTimeMs: 0 }
}

const ran = (tasks: readonly PostedTask[]): TaskResult => [...host.run(tasks)].flat()[0]!

/** A task there and back, as between threads. */
function run(spec: TaskSpec): { readonly result: TaskResult; readonly room: Uint8Array | null } {
  const [room] = rooms.take([spec])
  const posting = postTasks([spec], { heap: page, rooms: [room!] })
  const posted = postResult(ran(structuredClone(posting.message)), host.heapViews)
  expect(blocksOf(posted).length).toBe(room ? 0 : 1)
  return { result: rooms.receive([structuredClone(posted)], [room!])[0]!, room: room! }
}

const only = ({ shuffles }: TaskResult): ShuffleBlock & { readonly block: GroupsBlock } => {
  expect(shuffles.length).toBe(1)
  return shuffles[0] as ShuffleBlock & { readonly block: GroupsBlock }
}

describe('rooms for what workers write', () => {
  it('are given once it is known what tasks of the stage need, and hold the same block', () => {
    const first = run(task(5))
    const second = run(task(5))
    expect([first.room, only(first.result).held]).toEqual([null, undefined])
    expect(only(second.result).block).toEqual(only(first.result).block)
    expect(only(second.result).block.bytes.byteOffset).toBe(second.room!.byteOffset)
  })

  it('are used again when the block is let go, not before', () => {
    run(task(5))
    const [second, third] = [run(task(5)), run(task(5))]
    expect(third.room!.byteOffset).not.toBe(second.room!.byteOffset)
    only(second.result).held!.letGo()
    expect(run(task(5)).room!.byteOffset).toBe(second.room!.byteOffset)
  })

  it('may be too small: the block comes by itself, and the room is free', () => {
    run(task(5))
    const spec = task(2000)
    const [room] = rooms.take([spec])
    const posted = postResult(ran(postTasks([spec], { heap: page, rooms: [room!] }).message), host.heapViews)
    const [result] = rooms.receive([posted], [room!])
    expect(page.views.addressOf(only(result!).block.bytes)).toBeNull()
    expect(only(result!).block.numRows).toBe(2000 + 2000 / 2)
    expect(page.allocate(room!.length).byteOffset).toBe(room!.byteOffset)
  })

  it('grow with the need, and shrink slowly when it is gone', () => {
    const sizes = [5, 2000, 5, 5, 5, 5, 5, 5, 5, 5].map(sensors => {
      const [posted] = postTasks([task(sensors)], { heap: page }).message
      rooms.receive([postResult(ran([posted!]), null)], [null])
      return rooms.take([task(5)])[0]!.length
    })
    expect(sizes[1]).toBeGreaterThan(8 * sizes[0]!)
    expect(sizes[2]).toBeGreaterThan(sizes[0]!)
    expect(sizes.at(-1)).toBeLessThan(sizes[1]! / 4)
  })
})
