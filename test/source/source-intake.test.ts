/** The intake: limits, overflow policies with every row accounted for, rates, bad records. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/base/errors.js'
import type { ColumnBlock } from '../../src/data/block.js'
import { PooledBlockMemory } from '../../src/data/block-memory.js'
import { badRecords } from '../../src/source/bad-records.js'
import { custom } from '../../src/source/custom.js'
import type { SourceOptions } from '../../src/source/options.js'
import type { SealedBlock } from '../../src/source/source-intake.js'
import { rowsTaken, textOf } from '../support/blocks.js'
import { CountedMemory } from '../support/counted-memory.js'
import { openIntake } from '../support/intake.js'

const SCHEMA = { n: 'i32' } as const
const source = (options: Partial<SourceOptions<typeof SCHEMA>> = {}) => custom({ schema: SCHEMA, start() {}, ...options })
const numbers = (start: number, end: number) => Array.from({ length: end - start }, (_, i) => ({ n: start + i }))
const taken = (blocks: readonly SealedBlock[]) => rowsTaken([{ name: 'n', type: 'i32' }], blocks).map(row => row.n)
const range = (start: number, end: number) => numbers(start, end).map(row => row.n)
const lines = (start: number, end: number) => new TextEncoder().encode(range(start, end).map(n => `${n}\n`).join(''))

describe('intake', () => {
  it('gives what was pushed, in order, with its ordinals', () => {
    const { intake } = openIntake(source(), { blockRowsMax: 4 })
    intake.pushRows(numbers(0, 3))
    intake.pushColumns({ n: Int32Array.of(3, 4, 5) })
    const first = intake.takeBlocks()
    intake.pushRows(numbers(6, 7))
    const second = intake.takeBlocks()
    expect([taken(first), taken(second)]).toEqual([range(0, 6), [6]])
    expect([...first, ...second].map(({ rows, firstOrdinal, endOrdinal }) => [rows, firstOrdinal, endOrdinal])).toEqual(
      [[4, 0, 4], [2, 4, 6], [1, 6, 7]])
    expect(intake.takeBlocks()).toEqual([])
  })

  it('packs blocks into the memory that it is given, and leaves taken buffers where they are', () => {
    const own = openIntake(source())
    const values = Int32Array.of(1, 2)
    own.intake.pushColumns({ n: values }, { transfer: true })
    own.intake.pushColumns({ n: values })
    const [kept, copied] = own.intake.takeBlocks().map(({ block }) => (block as ColumnBlock).columns[0]!.values)
    expect([kept!.buffer === values.buffer, copied!.buffer === values.buffer]).toEqual([true, false])
    const shared = openIntake(source(), { memory: new PooledBlockMemory(true) })
    shared.intake.pushColumns({ n: values }, { transfer: true })
    expect((shared.intake.takeBlocks()[0]!.block as ColumnBlock).columns[0]!.values.buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  it('holds the memory of what waits or was taken, and gives back that of what was dropped, once', () => {
    const push = fc.record({ rows: fc.integer({ min: 0, max: 9 }), takes: fc.boolean(), asText: fc.boolean() })
    const overflow = fc.constantFrom('pause', 'dropOldest')
    fc.assert(fc.property(fc.array(push, { maxLength: 12 }), overflow, fc.option(fc.integer({ min: 1, max: 20 })), fc.boolean(),
      (pushes, policy, maxRate, isText) => {
        const memory = new CountedMemory()
        const options = { overflow: policy, queuedRowsMax: 7, ...(maxRate === null ? {} : { maxRate }) } as const
        const { intake, clock } =
          openIntake(source({ ...options, format: isText ? 'ndjson' : 'rows' }), { memory, blockRowsMax: 4 })
        const held: SealedBlock[] = []
        for (const { rows, takes } of pushes) {
          if (isText) intake.pushBytes(lines(0, rows))
          else intake.pushRows(numbers(0, rows))
          clock.advance(200)
          if (takes) held.push(...intake.takeBlocks())
        }
        clock.advance(1e6)
        held.push(...intake.takeBlocks())
        expect(memory.pieces.size).toBeGreaterThanOrEqual(new Set(held.map(sealed => sealed.held)).size)
        for (const sealed of held) sealed.held?.letGo()
        // What is left is the room of the open block.
        expect(memory.pieces.size).toBeLessThanOrEqual(1)
      }))
  })

  it('says that data wait once, until they are taken', () => {
    const { intake, calls } = openIntake(source())
    intake.pushRows([])
    expect(calls.data).toBe(0)
    intake.pushRows(numbers(0, 2))
    intake.pushRows(numbers(2, 4))
    expect(calls.data).toBe(1)
    intake.takeBlocks()
    intake.pushRows(numbers(4, 5))
    expect(calls.data).toBe(2)
  })

  it('says once more when no room is left', () => {
    const rows = openIntake(source(), { pauseAt: { rows: 3, textBytes: 0 } })
    for (let n = 0; n < 5; n++) rows.intake.pushRows(numbers(n, n + 1))
    expect([rows.calls.data, rows.intake.hasRoom]).toEqual([2, false])
    rows.intake.takeBlocks()
    rows.intake.pushRows(numbers(5, 9))
    expect([rows.calls.data, rows.intake.hasRoom]).toEqual([3, false])
    const text = openIntake(source({ format: 'ndjson' }), { pauseAt: { rows: 100, textBytes: 8 }, blockBytesMax: 8 })
    text.intake.pushBytes(lines(0, 2))
    expect(text.intake.hasRoom).toBe(true)
    text.intake.pushBytes(lines(2, 9))
    expect([text.calls.data, text.intake.hasRoom]).toEqual([2, false])
    const dropping = openIntake(source({ overflow: 'dropNewest' }), { pauseAt: { rows: 3, textBytes: 0 } })
    dropping.intake.pushRows(numbers(0, 5))
    expect([dropping.calls.data, dropping.intake.hasRoom, dropping.intake.queuedRows]).toEqual([1, true, 5])
  })

  it('pause: takes all that is pushed, and lets who waits wait until there is room', async () => {
    const { intake } = openIntake(source({ queuedRowsMax: 3 }))
    intake.pushRows(numbers(0, 2))
    expect(intake.hasRoom).toBe(true)
    await intake.ready()
    intake.pushRows(numbers(2, 5))
    let isReady = false
    const waiting = intake.ready().then(() => { isReady = true })
    await Promise.resolve()
    expect([intake.hasRoom, isReady, intake.queuedRows]).toEqual([false, false, 5])
    expect(taken(intake.takeBlocks())).toEqual(range(0, 5))
    await waiting
  })

  it('dropOldest: keeps the newest rows and counts the others, of rows, columns and lines', async () => {
    for (const blockRowsMax of [3, 100]) {
      const rows = openIntake(source({ overflow: 'dropOldest', queuedRowsMax: 5 }), { blockRowsMax })
      for (let n = 0; n < 12; n++) rows.intake.pushRows(numbers(n, n + 1))
      expect([rows.intake.queuedRows, rows.intake.droppedRows]).toEqual([5, 7])
      rows.intake.pushColumns({ n: Int32Array.from(range(12, 20)) })
      await rows.intake.ready()
      expect([rows.intake.droppedRows, taken(rows.intake.takeBlocks())]).toEqual([15, range(15, 20)])
      const text = openIntake(source({ format: 'ndjson', overflow: 'dropOldest', queuedRowsMax: 5 }), { blockRowsMax })
      text.intake.pushBytes(lines(0, 4))
      text.intake.pushBytes(lines(4, 9))
      const blocks = text.intake.takeBlocks()
      expect([text.intake.droppedRows, textOf(blocks)]).toEqual([4, '4\n5\n6\n7\n8\n'])
      expect([blocks[0]!.firstOrdinal, blocks.at(-1)!.endOrdinal]).toEqual([8, 18])
    }
  })

  it('dropNewest: keeps what came first and counts the others', () => {
    const rows = openIntake(source({ overflow: 'dropNewest', queuedRowsMax: 5 }))
    rows.intake.pushRows(numbers(0, 3))
    rows.intake.pushColumns({ n: Int32Array.from(range(3, 9)) })
    expect([rows.intake.droppedRows, taken(rows.intake.takeBlocks())]).toEqual([4, range(0, 5)])
    rows.intake.pushRows(numbers(9, 10))
    expect(taken(rows.intake.takeBlocks())).toEqual([9])
    const text = openIntake(source({ format: 'ndjson', overflow: 'dropNewest', queuedRowsMax: 5 }))
    text.intake.pushBytes(lines(0, 9))
    expect([text.intake.droppedRows, textOf(text.intake.takeBlocks())]).toEqual([4, '0\n1\n2\n3\n4\n'])
  })

  it('sample: takes all while the queue is half empty, then ever fewer, never more than fit', () => {
    const { intake } = openIntake(source({ overflow: 'sample', queuedRowsMax: 1000 }))
    intake.pushRows(numbers(0, 500))
    expect(intake.droppedRows).toBe(0)
    intake.pushRows(numbers(500, 1000))
    const droppedFirst = intake.droppedRows
    intake.pushRows(numbers(1000, 5000))
    const rows = taken(intake.takeBlocks()) as number[]
    expect(droppedFirst).toBeGreaterThan(100)
    expect(droppedFirst).toBeLessThan(400)
    expect(rows.length).toBeLessThanOrEqual(1000)
    expect(rows.length + intake.droppedRows).toBe(5000)
    expect(rows).toEqual([...rows].sort((a, b) => a - b))
    expect(rows.at(-1)).toBeGreaterThan(1500)
  })

  it('accounts for every row: pushed = taken + queued + dropped + bad', () => {
    const push = fc.record({
      how: fc.constantFrom('rows', 'columns', 'take'),
      values: fc.array(fc.constantFrom(1, 2, null, 1.5, 'bad'), { maxLength: 9 }),
    })
    const overflow = fc.constantFrom('pause', 'dropOldest', 'dropNewest', 'sample')
    fc.assert(fc.property(fc.array(push, { maxLength: 12 }), overflow, fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 6 }),
      (pushes, policy, queuedRowsMax, blockRowsMax) => {
        const { intake } = openIntake(source({ overflow: policy, queuedRowsMax }), { blockRowsMax })
        let [pushed, took] = [0, 0]
        for (const { how, values } of pushes) {
          if (how === 'rows') intake.pushRows(values.map(n => ({ n })))
          else if (how === 'columns') intake.pushColumns({ n: values })
          else took += taken(intake.takeBlocks()).length
          if (how !== 'take') pushed += values.length
          if (policy !== 'pause') expect(intake.queuedRows).toBeLessThanOrEqual(queuedRowsMax)
          expect(took + intake.queuedRows + intake.droppedRows + intake.badRows).toBe(pushed)
          expect(intake.receivedRows).toBe(pushed)
        }
        took += taken(intake.takeBlocks()).length
        expect([intake.queuedRows, took + intake.droppedRows + intake.badRows]).toEqual([0, pushed])
      }), { numRuns: 300 })
  })

  it('holds no more bytes than allowed, however few the rows', () => {
    const bytes = new TextEncoder().encode(`${'x'.repeat(99)}\n`)
    for (const [overflow, kept] of [['dropOldest', 2], ['dropNewest', 3]] as const) {
      const { intake } = openIntake(source({ format: 'ndjson', overflow }), { blockRowsMax: 1, queuedBytesMax: 300 })
      for (let i = 0; i < 10; i++) intake.pushBytes(bytes)
      expect([intake.queuedRows, intake.droppedRows]).toEqual([kept, 10 - kept])
    }
    const { intake } = openIntake(source({ format: 'ndjson' }), { blockRowsMax: 1, queuedBytesMax: 300 })
    for (let i = 0; i < 3; i++) intake.pushBytes(bytes)
    expect([intake.hasRoom, intake.queuedRows]).toEqual([false, 3])
  })

  it('maxRate: lets rows through evenly and says when more may be taken', () => {
    const { intake, clock, calls } = openIntake(source({ maxRate: 100 }))
    intake.pushRows(numbers(0, 1000))
    const rows: unknown[] = []
    const counts: number[] = []
    for (let second = 0; second < 6; second++) {
      const before = calls.data
      rows.push(...taken(intake.takeBlocks()))
      counts.push(rows.length)
      clock.advance(1000)
      expect(calls.data).toBeGreaterThan(before)
    }
    expect(counts).toEqual([1, 101, 201, 301, 401, 501])
    expect(rows).toEqual(range(0, 501))
  })

  it('maxRate: who waits for room waits until enough has been taken', async () => {
    const { intake, clock } = openIntake(source({ maxRate: 10, queuedRowsMax: 5 }))
    intake.pushRows(numbers(0, 20))
    let isReady = false
    const waiting = intake.ready().then(() => { isReady = true })
    clock.advance(1000)
    intake.takeBlocks()
    await Promise.resolve()
    expect([isReady, intake.queuedRows]).toEqual([false, 10])
    clock.advance(1000)
    intake.takeBlocks()
    await waiting
  })

  it('limitRate: keeps to the rate over any batch interval, and takes all again when lifted', () => {
    const { intake, clock } = openIntake(source(), { blockRowsMax: 10 })
    const batch = (ms: number): number => {
      clock.advance(ms)
      return taken(intake.takeBlocks()).length
    }
    intake.pushRows(numbers(0, 2000))
    intake.limitRate(20)
    expect([batch(5000), batch(5000), batch(250), batch(250)]).toEqual([100, 100, 5, 5])
    intake.limitRate(40)
    expect(batch(1000)).toBe(40)
    intake.limitRate(null)
    expect(batch(0)).toBe(2000 - 250)
  })

  it('bad rows: drop counts them and tells why', () => {
    const { intake, badReasons, failures } = openIntake(source())
    intake.pushRows([{ n: 1 }, { n: 'x' }, { n: 2 }])
    intake.pushColumns({ n: [3, 4.5] })
    intake.reject('payload', 'decode threw')
    expect([taken(intake.takeBlocks()), intake.badRows, failures]).toEqual([[1, 2, 3], 3, []])
    expect(badReasons).toEqual(["1: column 'n' (i32): 'x' is not an integer of 32 bits",
      "4: column 'n' (i32): 4.5 is not an integer of 32 bits", '5: decode threw'])
  })

  it('bad rows: fail ends the source at the first, naming all there is to name', () => {
    const { intake, failures } = openIntake(source({ onBadRecord: 'fail', name: 'plant' }))
    const message =
      `plant: bad record at row 2: column 'n' (i32): 'x' is not an integer of 32 bits. It begins with "{\\"n\\":\\"x\\"}".`
    intake.pushRows(numbers(0, 1))
    expect(() => intake.pushRows([{ n: 1 }, { n: 'x' }, { n: 'y' }])).toThrow(message)
    expect(failures.map(error => [error instanceof MillraceError && error.code, error.message])).toEqual(
      [['BAD_RECORD', message]])
    intake.pushRows(numbers(0, 1))
    expect(failures.length).toBe(1)
  })

  it('bad rows: go to the source made for them', () => {
    const bad = badRecords()
    const to = openIntake(bad)
    bad.start(to.intake)
    const { intake } =
      openIntake(source({ onBadRecord: bad, name: 'plant', format: 'csv', csv: { header: false } }), { recordBytesMax: 5 })
    intake.pushBytes(new TextEncoder().encode('1\n1234567\n2\n'))
    expect(intake.badRows).toBe(1)
    expect(rowsTaken(bad.fields, to.intake.takeBlocks())).toEqual([
      { source: 'plant', offset: 2, position: 0, reason: 'the record is 7 bytes long; at most 5 are allowed', bytes: '1234567' }])
  })

  it('fails when a CSV header lacks a column', () => {
    const { intake, failures } = openIntake(source({ format: 'csv', name: 'file' }))
    expect(() => intake.pushBytes(new TextEncoder().encode('m,o\n1,2\n'))).toThrow(
      "The CSV header of source file has no column 'n'; it has 'm' and 'o'. Without a header line, set csv: { header: false }.")
    expect(failures.length).toBe(1)
  })

  it('ends: the last line is completed, nothing comes after, and it has ended when all is taken', () => {
    const { intake, calls } = openIntake(source({ format: 'ndjson', name: 'feed' }))
    intake.pushBytes(new TextEncoder().encode('1\n2'))
    intake.end()
    intake.end()
    expect([calls.end, intake.ended, intake.queuedRows]).toEqual([1, false, 2])
    expect(textOf(intake.takeBlocks())).toBe('1\n2\n')
    expect(intake.ended).toBe(true)
    expect(() => intake.pushBytes(lines(0, 1))).toThrow('Source feed has ended; nothing can be pushed any more.')
  })

  it('refuses what its format does not take', () => {
    const rows = openIntake(source({ name: 'a' })).intake
    expect(() => rows.pushMessage('1')).toThrow(
      "Source a takes rows or columns; it was given text. Set its format to 'json', 'ndjson' or 'csv'.")
    const text = openIntake(source({ name: 'b', format: 'csv' })).intake
    expect(() => text.pushRows([{ n: 1 }])).toThrow(
      "Source b takes csv text; it was given rows or columns. Set its format to 'rows'.")
  })

  it('closes: who waits is told, and later pushes are let go', async () => {
    const { intake } = openIntake(source({ queuedRowsMax: 1, name: 'a' }))
    intake.pushRows(numbers(0, 1))
    const waiting = intake.ready()
    intake.close()
    await expect(waiting).rejects.toThrow('Source a takes no more data: it is closed.')
    await expect(intake.ready()).rejects.toThrow('it is closed')
    intake.pushRows(numbers(1, 2))
    expect(taken(intake.takeBlocks())).toEqual([0])
  })
})
