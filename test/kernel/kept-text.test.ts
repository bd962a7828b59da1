/**
 * Dictionaries that go on from block to block: what tasks keep of them, or forget, is not seen in what comes out, on every kernel
 * set; and the memory in which their strings lie is held as long as a block of them is.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BlockBuilder } from '../../src/data/block-builder.js'
import type { BlockMemory, HeldMemory } from '../../src/data/block-memory.js'
import type { ColumnBlock } from '../../src/data/block.js'
import type { Schema } from '../../src/data/schema.js'
import type { KernelSet } from '../../src/kernel/kernel-set.js'
import type { FastPaths } from '../../src/plan/fast-path.js'
import { rowsOf } from '../support/blocks.js'
import { CountedMemory } from '../support/counted-memory.js'
import { kernelSets } from '../support/kernels.js'
import { aggregate, aggregationPlan, blockOf, column, named, TaskDriver, type Row } from '../support/task-driver.js'

const SCHEMA: Schema = [{ name: 'a', type: 'utf8' }, { name: 'b', type: 'utf8' }]
const PLAN = aggregationPlan({
  schema: SCHEMA, keys: [named('a', 'utf8')],
  aggregates: [aggregate('n', 'count'), aggregate('least', 'min', column('b', 'utf8')),
    aggregate('last', 'last', column('b', 'utf8'))],
})
const VARIANTS: readonly FastPaths[] = [{}, { keptText: false }, { directGroups: false }]
/** So that views of it stay good while the test runs. */
const MEMORY_BYTES = 128 * 1024 * 1024

const sets = kernelSets()

/** Block memory that kernels read where it is. */
function memoryOf({ arena, memory }: KernelSet): BlockMemory {
  memory.ensure(MEMORY_BYTES)
  return {
    isShared: false,
    allocate(bytes) {
      const ptr = arena.allocate(bytes)
      return memory.u8.subarray(ptr, ptr + arena.sizeOf(ptr))
    },
    release: piece => arena.free(memory.addressOf(piece)!),
  }
}

/** A builder of one source, and the blocks that it has sealed so far. */
function builderIn(memory: BlockMemory): { builder: BlockBuilder; taken: () => { block: ColumnBlock; held: HeldMemory }[] } {
  const sealed: { block: ColumnBlock; held: HeldMemory }[] = []
  const builder = new BlockBuilder({
    schema: SCHEMA, blockRowsMax: 50, blockBytesMax: 1 << 22, memory,
    onBlock: (block, held) => sealed.push({ block, held: held! }),
    onBadRow: () => { throw new Error('a row was refused') },
  })
  return { builder, taken: () => sealed.splice(0) }
}

const text = fc.oneof(fc.constantFrom('', 'a', 'b', 'é', 'a text of more than sixteen bytes'), fc.nat(300).map(i => `name ${i}`))
const row = fc.record({ a: fc.option(text, { freq: 6 }), b: fc.option(text, { freq: 6 }) })

describe('text that is kept from task to task', () => {
  it.each(sets.map(set => [set.kind, set] as const))('gives what text of its own gives: %s', (_, set) => {
    const memory = memoryOf(set)
    fc.assert(fc.property(fc.array(fc.array(row, { minLength: 1, maxLength: 150 }), { minLength: 1, maxLength: 6 }), batches => {
      const own = new TaskDriver(set, PLAN, { taskRows: 40 })
      const drivers = VARIANTS.map(fastPaths => new TaskDriver(set, PLAN, { taskRows: 40, fastPaths }))
      const { builder, taken } = builderIn(memory)
      for (const rows of batches) {
        builder.pushRows(rows)
        builder.seal()
        const blocks = taken()
        const expected = own.batch(blockOf(SCHEMA, rows as Row[]))
        for (const driver of drivers) expect(driver.batch(...blocks.map(({ block }) => block))).toEqual(expected)
        for (const { held } of blocks) held.letGo()
      }
      for (const driver of [own, ...drivers]) driver.runner.close()
    }), { numRuns: 25 })
  })

  it('is forgotten when it becomes too much', () => {
    const set = sets.find(({ kind }) => kind === 'simd')!
    const { builder, taken } = builderIn(memoryOf(set))
    const driver = new TaskDriver(set, PLAN)
    for (const first of [0, 100_000, 200_000, 0]) {
      const rows = Array.from({ length: 120_000 }, (_, i) => ({ a: `name ${first + (i >> 1)}`, b: null }))
      builder.pushRows(rows)
      builder.seal()
      const blocks = taken()
      const counts = new Map(driver.batch(...blocks.map(({ block }) => block)).map(({ a, n }) => [a, n]))
      for (const { held } of blocks) held.letGo()
      expect([counts.size, counts.get(`name ${first}`), counts.get(`name ${first + 59_999}`)])
        .toEqual(first === 0 && counts.get('name 0') === 4 ? [60_000, 4, 4] : [60_000, 2, 2])
    }
    driver.runner.close()
  })

  it('lies where it lay until the last block of it is let go', () => {
    const memory = new CountedMemory()
    const { builder, taken } = builderIn(memory)
    const rows = Array.from({ length: 2000 }, (_, i) => ({ a: `a text of more than sixteen bytes: ${i}`, b: 'b' }))
    builder.pushRows(rows)
    builder.seal()
    const blocks = taken()
    expect(rowsOf(SCHEMA, blocks.map(({ block }) => block))).toEqual(rows)
    const before = memory.pieces.size
    for (const { held } of blocks) held.letGo()
    // What is left is the dictionaries that go on: two pieces for each column.
    expect([before > 8, memory.pieces.size]).toEqual([true, 4])
  })
})

