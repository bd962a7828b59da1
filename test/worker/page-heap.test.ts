/** Blocks in the shared heap, from the page to a worker: read where they lie, the same as when copied, and given back. */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { ArenaScope } from '../../src/kernel/arena.js'
import { loadSlices } from '../../src/kernel/kernel-columns.js'
import type { KernelSet } from '../../src/kernel/kernel-set.js'
import { KernelMemory } from '../../src/kernel/memory.js'
import { OwnedRegions, PAGE_OWNER, REGION_BYTES, SharedHeap } from '../../src/kernel/shared-heap.js'
import { withSharedMemory } from '../../src/kernel/shared-module.js'
import { TextTable } from '../../src/kernel/text-table.js'
import { wasmKernels } from '../../src/kernel/wasm-kernels.js'
import type { ColumnBlock } from '../../src/data/block.js'
import type { Column } from '../../src/data/column.js'
import { packBlock } from '../../src/data/wire.js'
import { blockOfHeap } from '../../src/worker/heap-block.js'
import { PageHeap } from '../../src/worker/page-heap.js'
import { kernelModules } from '../support/kernels.js'
import { blockOf, type Row } from '../support/task-driver.js'

const schema = [{ name: 'b', type: 'bool' }, { name: 'i', type: 'i32' }, { name: 'l', type: 'i64' }, { name: 'f', type: 'f32' },
  { name: 'd', type: 'f64' }, { name: 'n', type: 'f64' }, { name: 't', type: 'utf8' }] as const
const rows = Array.from({ length: 1000 }, (_, i): Row => ({ b: i % 3 === 0, i: i * 7, l: BigInt(i) << 40n, f: i / 2, d: i / 3,
  n: i % 5 === 0 ? null : i, t: i % 7 === 0 ? null : `text ${i % 11}` }))

let heap: PageHeap
let set: KernelSet

beforeAll(() => {
  heap = PageHeap.create([])!
  const { memory, owner } = heap.join()
  const shared = new SharedHeap(memory)
  set = wasmKernels(kernelModules('simd', withSharedMemory), 'simd',
    { memory, regions: views => new OwnedRegions(shared, owner, views) })
})

type View = Column['values'] | Uint32Array

/** The block of the rows, put into the heap and come to the worker. */
function sent(): ColumnBlock {
  const packed = packBlock(blockOf(schema, rows), bytes => new ArrayBuffer(bytes))
  const bytes = new Uint8Array(packed.columns[0]!.values.buffer)
  const room = heap.allocate(bytes.length)
  room.set(bytes)
  const moved = <A extends View>(view: A): A =>
    new (view.constructor as new (b: ArrayBufferLike, o: number, n: number) => A)(room.buffer, room.byteOffset + view.byteOffset,
      view.length)
  const columns = packed.columns.map(column => ({
    ...column, values: moved(column.values), validity: column.validity && moved(column.validity),
    ...(column.type === 'utf8' ? {
      dictionary: { offsets: moved(column.dictionary.offsets), bytes: moved(column.dictionary.bytes) },
    } : {}),
  }) as Column)
  return blockOfHeap(structuredClone(heap.addressesOf({ ...packed, columns })!), schema, set.memory) as ColumnBlock
}

describe('blocks in the heap', () => {
  it('are read where they lie, but for text', () => {
    const block = sent()
    const scope = new ArenaScope(set.arena)
    const before = set.arena.usedBytes
    const { columns } = loadSlices(set, scope, schema, [{ block, start: 8, end: 1000 }], new TextTable(set), [0, 1, 2, 3, 4, 5])
    expect(set.arena.usedBytes - before).toBeLessThan(20_000)
    const addresses = block.columns.map(({ values }, i) => values.byteOffset + 8 * [1, 4, 8, 4, 8, 8, 4][i]!)
    expect(columns.slice(0, 6).map(({ values }) => values)).toEqual(addresses.slice(0, 6))
    expect(columns.map(({ validity }) => validity)).toEqual([0, 0, 0, 0, 0, block.columns[5]!.validity!.byteOffset + 1, 0])
  })

  it.each([[0, 1000], [8, 999], [3, 997], [640, 641]])('hold rows %i to %i as they were', (start, end) => {
    const text = new TextTable(set)
    const scope = new ArenaScope(set.arena)
    const own = packBlock(blockOf(schema, rows), bytes => new ArrayBuffer(bytes))
    const [there, copied] = [sent(), own].map(block => loadSlices(set, scope, schema, [{ block, start, end }], text))
    const values = (columns: typeof there): unknown[][] => columns!.columns.map(({ type, values, validity }) =>
      Array.from({ length: end - start }, (_, i) => {
        const isNull = validity !== 0 && !(set.memory.u8[validity + (i >> 3)]! & (1 << (i & 7)))
        return isNull ? null : set.memory.view(type, values, end - start)[i]
      }))
    expect(values(there)).toEqual(values(copied))
    scope.release()
  })

  it('of text come as bytes', () => {
    const room = heap.allocate(100).subarray(0, 20).fill(7)
    const posted = heap.addressesOf({ kind: 'bytes', format: 'ndjson', bytes: room })!
    expect(blockOfHeap(structuredClone(posted), schema, set.memory)).toMatchObject({ kind: 'bytes', bytes: room })
  })

  it('are not taken for those that lie elsewhere', () => {
    expect(heap.addressesOf(blockOf(schema, rows))).toBeNull()
  })
})

describe('the heap of a page', () => {
  it('uses memory again that was given back', () => {
    const first = heap.allocate(300_000)
    heap.release(first)
    expect(heap.allocate(290_000).byteOffset).toBe(first.byteOffset)
  })

  it('leaves workers their half: blocks beyond it lie outside', () => {
    const large = [1e9, 1e9, 1e9].map(bytes => heap.allocate(bytes))
    const isInHeap = large.map(bytes => heap.addressesOf({ kind: 'bytes', format: 'csv', bytes }) !== null)
    expect(isInHeap).toEqual([true, false, false])
    for (const memory of large) heap.release(memory)
  })

  it('takes back what a worker had', () => {
    const share = heap.join()
    const shared = new SharedHeap(share.memory)
    new OwnedRegions(shared, share.owner, new KernelMemory(share.memory)).take(5 * REGION_BYTES)
    expect(shared.bytesOf(share.owner)).toBe(5 * REGION_BYTES)
    heap.leave(share)
    expect(shared.bytesOf(share.owner)).toBe(0)
    expect(shared.bytesOf(PAGE_OWNER)).toBeGreaterThan(0)
  })

  it('is used again by the next context, but for what workers had', () => {
    const [first, other] = [PageHeap.create([])!, PageHeap.create([])!]
    const share = first.join()
    new OwnedRegions(new SharedHeap(share.memory), share.owner, new KernelMemory(share.memory)).take(1)
    first.allocate(1000)
    first.close()
    const next = PageHeap.create([])!
    expect([first, other, next].map(heap => heap.join().memory === share.memory)).toEqual([true, false, true])
    const shared = new SharedHeap(share.memory)
    expect([shared.bytesOf(PAGE_OWNER), shared.bytesOf(share.owner)]).toEqual([0, REGION_BYTES])
    expect(next.join().owner).not.toBe(share.owner)
  })

  it('is none where the host refuses it', () => {
    const failures: string[] = []
    const refused = vi.spyOn(WebAssembly, 'Memory').mockImplementation(function () { throw new RangeError('no memory') })
    expect(PageHeap.create(failures)).toBeNull()
    refused.mockRestore()
    expect(failures).toEqual(['shared heap: no memory'])
  })
})
