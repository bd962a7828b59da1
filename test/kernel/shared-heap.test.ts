/** The heap that several kernel sets share: whose regions are whose, and that one set's work leaves another's alone. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { KernelMemory } from '../../src/kernel/memory.js'
import { FIRST_WORKER_OWNER, OwnedRegions, REGION_BYTES, SharedHeap } from '../../src/kernel/shared-heap.js'
import { withSharedMemory } from '../../src/kernel/shared-module.js'
import { TextTable } from '../../src/kernel/text-table.js'
import { wasmKernels } from '../../src/kernel/wasm-kernels.js'
import { kernelModules } from '../support/kernels.js'

const KERNELS = { simd: 'kernels.wasm', scalar: 'kernels.scalar.wasm' } as const
const bytesOf = (kind: keyof typeof KERNELS): Uint8Array => readFileSync(new URL(`../../dist/${KERNELS[kind]}`, import.meta.url))
const newHeap = (): SharedHeap => SharedHeap.create()
const placeIn = (heap: SharedHeap, owner: number) =>
  ({ memory: heap.memory, regions: (views: KernelMemory) => new OwnedRegions(heap, owner, views) })

describe('shared heap', () => {
  it('gives each region to one owner', () => {
    const heap = newHeap()
    const [a, b, c] = [heap.take(5, 10), heap.take(6, 3 * REGION_BYTES), heap.take(5, REGION_BYTES + 1)]
    const spans = [a, b, c].map(({ start, end }) => [start / REGION_BYTES, end / REGION_BYTES])
    expect(spans).toEqual([[1, 2], [2, 5], [5, 7]])
    expect([5, 6, 7].map(owner => heap.bytesOf(owner) / REGION_BYTES)).toEqual([3, 3, 0])
  })

  it('fills gaps that an owner left', () => {
    const heap = newHeap()
    heap.take(5, 2 * REGION_BYTES)
    heap.take(6, 1)
    heap.releaseOwner(5)
    expect(heap.bytesOf(5)).toBe(0)
    expect(heap.take(7, 3 * REGION_BYTES).start).toBe(4 * REGION_BYTES)
    expect(heap.take(7, 2 * REGION_BYTES).start).toBe(REGION_BYTES)
  })

  it('is full when nothing is left, and has room again after a release', () => {
    const heap = newHeap()
    const all = heap.take(5, 2 ** 32 - REGION_BYTES)
    expect(() => heap.take(6, 1)).toThrow('the shared heap has no 1 bytes left')
    heap.release(all)
    expect(heap.take(6, 1)).toEqual({ start: REGION_BYTES, end: 2 * REGION_BYTES })
  })

  it('shows memory that another view has grown', () => {
    const heap = newHeap()
    const [mine, other] = [new KernelMemory(heap.memory), new KernelMemory(heap.memory)]
    const { start } = new OwnedRegions(heap, 5, mine).take(8 * REGION_BYTES)
    mine.write(start, 42)
    other.ensure(start + 4)
    expect(other.read(start)).toBe(42)
    const before = other.u8.subarray(start)
    other.ensure(start + 64 * REGION_BYTES)
    expect([before, other.u8.subarray(start)].map(view => other.addressOf(view))).toEqual([start, start])
    expect(other.addressOf(new Uint8Array(4))).toBeNull()
  })

  it('knows what lies in it, whichever views it was made through and however often it grew meanwhile', () => {
    const heap = newHeap()
    const [page, tasks] = [new KernelMemory(heap.memory), new KernelMemory(heap.memory)]
    const addresses = [2, 4, 6].map(regions => {
      page.ensure(regions * REGION_BYTES)
      const block = page.u8.subarray(page.u8.length - 8)
      tasks.ensure(page.u8.length + REGION_BYTES)
      return { address: tasks.addressOf(block), byteOffset: block.byteOffset }
    })
    for (const { address, byteOffset } of addresses) expect(address).toBe(byteOffset)
    const late = new KernelMemory(heap.memory)
    expect(late.addressOf(page.u8.subarray(REGION_BYTES, REGION_BYTES + 8))).toBe(REGION_BYTES)
  })

  it.each(['simd', 'scalar'] as const)('is where several kernel sets work side by side, %s', kind => {
    const modules = kernelModules(kind, withSharedMemory)
    const heap = newHeap()
    const sets = [0, 1].map(worker => wasmKernels(modules, kind, placeIn(heap, FIRST_WORKER_OWNER + worker)))
    const tables = sets.map(set => new TextTable(set))
    const word = (i: number, worker: number): Uint8Array => new TextEncoder().encode(`${worker} and ${i}`)
    for (let i = 0; i < 5000; i++) {
      for (const [worker, table] of tables.entries()) expect(table.intern(word(i, worker))).toBe(i)
    }
    for (const [worker, table] of tables.entries()) expect(table.bytesOf(4321)).toEqual(word(4321, worker))
    for (const set of sets) expect(set.memory.isShared).toBe(true)
  })

  it('keeps the tables of kernels apart that are computed once', () => {
    const modules = kernelModules('simd', withSharedMemory)
    const heap = newHeap()
    const text = new TextEncoder().encode('1.2345678901234567890123e-7 ')
    const parse = (owner: number): number => {
      const { memory, arena, kernels } = wasmKernels(modules, 'simd', placeIn(heap, owner))
      const [ptr, out] = [arena.allocate(100), arena.allocate(8)]
      memory.u8.set(text, ptr)
      expect(kernels.parseDecimal(ptr, text.length - 1, out)).toBe(1)
      return memory.f64[out >>> 3]!
    }
    for (const owner of [2, 3]) expect(parse(owner)).toBe(1.2345678901234567890123e-7)
    expect(heap.bytesOf(2)).toBeGreaterThan(0)
  })
})

describe('kernels for shared memory', () => {
  it('are the same but for the import', () => {
    const bytes = bytesOf('simd')
    const shared = withSharedMemory(bytes)
    expect(shared.length - bytes.length).toBeLessThan(8)
    expect(shared.subarray(-1000)).toEqual(new Uint8Array(bytes.subarray(-1000)))
    const [own, other] = [bytes, shared].map(module => WebAssembly.Module.imports(new WebAssembly.Module(new Uint8Array(module))))
    expect(other).toEqual(own)
  })

  it('are not made of what imports no memory', () => {
    const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)
    expect(() => withSharedMemory(empty)).toThrow('the module imports nothing')
  })
})
