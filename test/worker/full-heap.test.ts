/** What becomes of a worker when the shared heap is full: it goes on in a memory of its own, and copies what it reads. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { ColumnBlock } from '../../src/data/block.js'
import { compilePlan } from '../../src/kernel/plan-compiler.js'
import { REGION_BYTES, SharedHeap } from '../../src/kernel/shared-heap.js'
import { withSharedMemory } from '../../src/kernel/shared-module.js'
import type { TaskResult } from '../../src/plan/task.js'
import type { PostedTask } from '../../src/worker/block-transfer.js'
import { PageHeap } from '../../src/worker/page-heap.js'
import type { HeapShare } from '../../src/worker/protocol.js'
import { TaskHost } from '../../src/worker/task-host.js'
import { windowPlan } from '../scheduler/plans.js'
import { blockOfRows } from '../support/blocks.js'
import { kernelModules } from '../support/kernels.js'

const physical = windowPlan({ inputs: [{ delayMs: 0 }], sizeMs: 1000 })
const plan = { plan: physical, programs: compilePlan(physical), partitions: 2, badRecordsMax: 10, recordBytesMax: 1000 }
const schema = plan.plan.stages[0]!.input.schema
const OTHER = 1_000_000

let share: HeapShare
let heap: SharedHeap
let block: PostedTask['inputs'][number]

beforeEach(async () => {
  const page = PageHeap.create([])!
  share = page.join()
  heap = new SharedHeap(share.memory)
  const inMemory = blockOfRows(schema, Array.from({ length: 5000 }, (_, i) => ({ sensor: `s${i}`, at: i })))
  block = { block: page.addressesOf(intoHeap(page, inMemory))!, start: 0, end: 5000 }
})

/** A copy of the block in the heap. */
function intoHeap(page: PageHeap, { columns, ...rest }: ColumnBlock): ColumnBlock {
  const moved = <A extends Float64Array | Int32Array | Uint32Array | Uint8Array>(view: A): A => {
    const room = page.allocate(Math.max(view.byteLength, 1))
    const copy = new (view.constructor as new (b: ArrayBufferLike, o: number, n: number) => A)(room.buffer, room.byteOffset,
      view.length)
    copy.set(view)
    return copy
  }
  return { ...rest, columns: columns.map(column => {
    const values = moved(column.values as Float64Array)
    if (column.type !== 'utf8') return { ...column, values } as typeof column
    const { offsets, bytes } = column.dictionary
    return { ...column, values: values as unknown as Int32Array, dictionary: { offsets: moved(offsets), bytes: moved(bytes) } }
  }) }
}

/** Takes all that is free, large stretches first. */
function fill(): void {
  for (let bytes = 2 ** 31; bytes >= REGION_BYTES;) {
    try {
      heap.take(OTHER, bytes)
    } catch {
      bytes /= 2
    }
  }
}

const watermarks = { 0: { lateWatermarkMs: -Infinity, closeWatermarkMs: -Infinity } }

function task(): PostedTask {
  return { batchId: 0, stageId: 0, taskIndex: 0, partitionIndex: 0, attempt: 0, inputs: [block], firstOrdinal: 0, watermarks,
    batchTimeMs: 0 }
}

function host(): TaskHost {
  return new TaskHost(plan, { kind: 'simd', modules: kernelModules('simd', withSharedMemory) }, () => 0, null, share)
}

/** What tasks give, as bytes. */
const run = (tasks: TaskHost): TaskResult => [...tasks.run([task()])].flat()[0]!
const shuffled = (tasks: TaskHost): unknown => run(tasks).shuffles

describe('a worker', () => {
  it('has its memory in the heap while there is room', () => {
    const tasks = host()
    expect(run(tasks).figures.rowsOut).toBe(5000)
    expect(heap.bytesOf(share.owner)).toBeGreaterThan(0)
  })

  it('starts with a memory of its own when the heap is full, and gives the same', () => {
    const before = shuffled(host())
    heap.releaseOwner(share.owner)
    fill()
    expect(shuffled(host())).toEqual(before)
    expect(heap.bytesOf(share.owner)).toBe(0)
  })

  it('fails a task that finds the heap full, and runs the next in a memory of its own', () => {
    const tasks = host()
    fill()
    expect(() => run(tasks)).toThrow('the shared heap has no')
    tasks.restore([])
    expect(run(tasks).figures.rowsOut).toBe(5000)
    expect(heap.bytesOf(share.owner)).toBe(0)
  })
})
