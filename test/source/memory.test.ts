/** The hand-fed source: what it takes, when a push resolves, and what happens before the start and after the end. */
import { describe, expect, it } from 'vitest'
import { memory, type MemorySource } from '../../src/source/memory.js'
import type { SourceOptions } from '../../src/source/options.js'
import { rowsTaken, textOf } from '../support/blocks.js'
import { openIntake } from '../support/intake.js'

const SCHEMA = { name: 'utf8', n: 'f64' } as const
const make = (options: Partial<SourceOptions<typeof SCHEMA>> = {}): MemorySource<typeof SCHEMA> =>
  memory({ schema: SCHEMA, ...options })
const settled = async (promise: Promise<void>): Promise<boolean> => {
  let isSettled = false
  void promise.then(() => { isSettled = true }, () => { isSettled = true })
  for (let i = 0; i < 20; i++) await Promise.resolve()
  return isSettled
}

describe('memory', () => {
  it('takes a row, rows and columns', async () => {
    const source = make()
    const { intake } = openIntake(source)
    source.start(intake)
    await source.push({ name: 'a', n: 1 })
    await source.push([{ name: 'b' }, { n: 3 }])
    await source.push({ name: ['c', null], n: Float64Array.of(4, 5) })
    await source.push(
      { name: { values: Int32Array.of(0, 0), dictionary: ['d'] }, n: { values: [6, 7], validity: Uint8Array.of(1) } })
    expect(rowsTaken(source.fields, intake.takeBlocks())).toEqual([
      { name: 'a', n: 1 }, { name: 'b', n: null }, { name: null, n: 3 }, { name: 'c', n: 4 }, { name: null, n: 5 },
      { name: 'd', n: 6 }, { name: 'd', n: null }])
  })

  it('takes bytes cut anywhere and text in whole records, and completes the last at the end', async () => {
    const source = make({ format: 'ndjson' })
    const { intake, calls } = openIntake(source)
    source.start(intake)
    const bytes = new TextEncoder().encode('{"n":1}\n{"n":2}')
    await source.push(bytes.subarray(0, 3))
    await source.push(bytes.slice(3).buffer)
    expect(textOf(intake.takeBlocks())).toBe('{"n":1}\n')
    await source.push('\n{"n":3}')
    await source.push(new TextEncoder().encode('{"n":4}'))
    source.end()
    expect([textOf(intake.takeBlocks()), calls.end]).toEqual(['{"n":2}\n{"n":3}\n{"n":4}\n', 1])
  })

  it('waits while the queue is full, in the order of the pushes', async () => {
    const source = make({ queuedRowsMax: 2 })
    const { intake } = openIntake(source)
    source.start(intake)
    const pushes = [1, 2, 3, 4].map(n => source.push([{ n }, { n: n + 0.5 }]))
    expect(await Promise.all(pushes.map(settled))).toEqual([true, false, false, false])
    // The first that finds no room is in, but waits until there is some.
    expect(rowsTaken(source.fields, intake.takeBlocks()).map(row => row.n)).toEqual([1, 1.5, 2, 2.5])
    expect(await Promise.all(pushes.map(settled))).toEqual([true, true, true, false])
    source.end()
    expect(rowsTaken(source.fields, intake.takeBlocks()).map(row => row.n)).toEqual([3, 3.5])
    await pushes[3]
    expect(intake.ended).toBe(false)
    expect(rowsTaken(source.fields, intake.takeBlocks()).map(row => row.n)).toEqual([4, 4.5])
    expect(await settled(pushes[3]!)).toBe(true)
    expect(intake.ended).toBe(true)
  })

  it('keeps what is pushed before the start, as it was then, and lets pushes wait beyond the limit', async () => {
    const source = make({ queuedRowsMax: 3 })
    const row = { n: 1 }
    const columns = { name: ['x'], n: Float64Array.of(2) }
    const pushes = [source.push(row), source.push([row]), source.push(columns), source.push({ n: 9 })]
    row.n = -1
    columns.n[0] = -1
    expect(await Promise.all(pushes.map(settled))).toEqual([true, true, true, false])
    const { intake } = openIntake(source)
    source.start(intake)
    expect(await settled(pushes[3]!)).toBe(false)
    expect(rowsTaken(source.fields, intake.takeBlocks()).map(taken => taken.n)).toEqual([1, 1, 2])
    await pushes[3]
    expect(rowsTaken(source.fields, intake.takeBlocks()).map(taken => taken.n)).toEqual([9])
  })

  it('can be filled and ended before the start', async () => {
    const source = make()
    await source.push({ n: 1 })
    source.end()
    const { intake, calls } = openIntake(source)
    source.start(intake)
    for (let i = 0; i < 20; i++) await Promise.resolve()
    expect([rowsTaken(source.fields, intake.takeBlocks()).length, calls.end, intake.ended]).toEqual([1, 1, true])
  })

  it('copies what is pushed, and takes the buffers when told to', async () => {
    const source = memory({ schema: { n: 'f64' } })
    const { intake } = openIntake(source)
    source.start(intake)
    const [copied, taken] = [Float64Array.of(1), Float64Array.of(2)]
    await source.push({ n: copied })
    await source.push({ n: taken }, { transfer: true })
    copied[0] = 7
    const blocks = intake.takeBlocks()
    expect(rowsTaken(source.fields, blocks)).toEqual([{ n: 1 }, { n: 2 }])
    expect((blocks[1]!.block as { columns: readonly { values: unknown }[] }).columns[0]!.values).toBe(taken)
  })

  it('rejects a push that does not fit', async () => {
    const source = make({ onBadRecord: 'fail', name: 'hand' })
    const { intake, failures } = openIntake(source)
    source.start(intake)
    await expect(source.push('text')).rejects.toThrow('Source hand takes rows or columns; it was given text.')
    await expect(source.push(5 as never)).rejects.toThrow('Source hand was given 5: give a row, rows, columns, bytes or text.')
    await expect(source.push({ name: ['a'], n: [1, 2] })).rejects.toThrow(
      "Columns of different lengths were pushed: 'name' has 1 values, 'n' has 2.")
    expect(failures).toEqual([])
    await expect(source.push({ n: 'x' as never })).rejects.toThrow("column 'n' (f64): 'x' is not a number")
    expect(failures.length).toBe(1)
  })

  it('takes nothing after the end, after the stop, or in a second context', async () => {
    const ended = make({ name: 'a' })
    ended.end()
    await expect(ended.push({ n: 1 })).rejects.toThrow('Source a takes no more data: end() was called.')
    const stopped = make({ name: 'b', queuedRowsMax: 1 })
    const { intake } = openIntake(stopped)
    const connection = stopped.start(intake)
    await stopped.push({ n: 1 })
    const [taken, waiting] = [stopped.push({ n: 2 }), stopped.push({ n: 3 })]
    expect(await Promise.all([taken, waiting].map(settled))).toEqual([false, false])
    await connection.close()
    await taken
    await expect(waiting).rejects.toThrow('Source b takes no more data: its context has stopped.')
    await expect(stopped.push({ n: 1 })).rejects.toThrow('its context has stopped')
    expect(rowsTaken(stopped.fields, intake.takeBlocks()).map(row => row.n)).toEqual([1, 2])
    expect(() => stopped.start(intake)).toThrow('Source b already feeds a context; make one source for each.')
  })
})
