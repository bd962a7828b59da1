/** Sources that go by the clock, on a clock that the test moves: rate and replay. */
import { describe, expect, it } from 'vitest'
import { rate } from '../../src/source/rate.js'
import { replay, type ReplayData, type ReplayOptions } from '../../src/source/replay.js'
import type { Source } from '../../src/source/source.js'
import { rowsTaken, textOf } from '../support/blocks.js'
import { openIntake } from '../support/intake.js'

const START_MS = 1_000_000
const turn = async (): Promise<void> => { for (let i = 0; i < 50; i++) await Promise.resolve() }

function open(source: Source) {
  const opened = openIntake(source)
  const connection = source.start(opened.intake)
  return {
    ...opened, connection,
    async advance(ms: number, stepMs = 10): Promise<void> {
      await turn()
      for (let passed = 0; passed < ms; passed += stepMs) {
        opened.clock.advance(stepMs)
        await turn()
      }
    },
  }
}

describe('rate', () => {
  it('makes so many rows a second, evenly stamped, and counts them', async () => {
    const source = rate({ rowsPerSecond: 100, numRows: 150 })
    const { intake, advance, calls } = open(source)
    await advance(1000)
    const first = rowsTaken(source.fields, intake.takeBlocks())
    expect(first.length).toBe(100)
    await advance(1000)
    const rows = [...first, ...rowsTaken(source.fields, intake.takeBlocks())]
    expect(rows).toEqual(Array.from({ length: 150 }, (_, i) => ({ timestamp: START_MS + i * 10, value: BigInt(i) })))
    expect([calls.end, intake.ended]).toEqual([1, true])
  })

  it('makes up for the time that it had to wait', async () => {
    const source = rate({ rowsPerSecond: 1000, queuedRowsMax: 50 })
    const { intake, advance, connection } = open(source)
    await advance(1000)
    const queued = intake.queuedRows
    expect(queued).toBeLessThan(100)
    const rows = rowsTaken(source.fields, intake.takeBlocks())
    await turn()
    rows.push(...rowsTaken(source.fields, intake.takeBlocks()))
    await advance(20)
    rows.push(...rowsTaken(source.fields, intake.takeBlocks()))
    expect(rows.map(row => row.value)).toEqual(rows.map((_, i) => BigInt(i)))
    expect(rows.length).toBeGreaterThan(1000)
    await connection.close()
  })

  it('makes no more at once than a block holds', async () => {
    const { intake, advance, connection } = open(rate({ rowsPerSecond: 1e6, queuedRowsMax: 1 }))
    await advance(1000, 1000)
    expect(intake.queuedRows).toBe(131_072)
    await connection.close()
  })

  it('names wrong options', () => {
    expect(() => rate({ rowsPerSecond: 0 })).toThrow('rate(0): rowsPerSecond: 0 is not a number of rows above 0.')
    expect(() => rate({ rowsPerSecond: 1, numRows: -1 })).toThrow('rate(1): numRows: -1 is not a number of rows.')
  })
})

const SCHEMA = { at: 'timestamp', n: 'f64' } as const
const TIMES = [5000, 5100, 5050, 6000, 6000, 9000]
const ROWS = TIMES.map((at, n) => ({ at, n }))
const iso = (at: number): string => new Date(at).toISOString()
const FORMS: [string, ReplayData<typeof SCHEMA>, Partial<ReplayOptions<typeof SCHEMA>>][] = [
  ['rows', ROWS.map(({ at, n }) => ({ at: n % 2 ? iso(at) : new Date(at), n })), {}],
  ['columns', { at: Float64Array.from(TIMES), n: { values: TIMES.map((_, n) => n), validity: Uint8Array.of(0xff) } }, {}],
  ['ndjson', ROWS.map(row => `${JSON.stringify(row)}\n`).join(''), { format: 'ndjson' }],
  ['csv', new TextEncoder().encode(`n,at\n${ROWS.map(({ at, n }) => `${n},"${iso(at)}"`).join('\n')}`), { format: 'csv' }],
]

describe('replay', () => {
  for (const [form, data, options] of FORMS) {
    const numbers = (source: Source, blocks: ReturnType<ReturnType<typeof open>['intake']['takeBlocks']>): number[] =>
      source.blockFormat === 'columns' ? rowsTaken(source.fields, blocks).map(row => row.n as number)
        : [...textOf(blocks).matchAll(/"n":(\d)|^(\d),/gm)].map(match => Number(match[1] ?? match[2]))

    it(`plays ${form} as fast as possible`, async () => {
      const source = replay(data, { schema: SCHEMA, ...options })
      const { intake, calls } = open(source)
      await turn()
      expect(numbers(source, intake.takeBlocks())).toEqual([0, 1, 2, 3, 4, 5])
      expect(calls.end).toBe(1)
    })

    it(`plays ${form} by its times, twice as fast`, async () => {
      const source = replay(data, { schema: SCHEMA, speed: 2, timeColumn: 'at', ...options })
      const { intake, advance, calls } = open(source)
      const seen: number[][] = []
      for (const ms of [0, 100, 300, 200, 1300, 200]) {
        await advance(ms)
        seen.push(numbers(source, intake.takeBlocks()))
      }
      expect(seen).toEqual([[0], [1, 2], [], [3, 4], [], [5]])
      expect(calls.end).toBe(1)
    })
  }

  it('plays rows without a time with the row before', async () => {
    const source =
      replay([{ n: 0 }, { at: 10, n: 1 }, { n: 2 }, { at: 5010, n: 3 }, { n: 4 }], { schema: SCHEMA, speed: 1, timeColumn: 'at' })
    const { intake, advance } = open(source)
    await advance(0)
    expect(rowsTaken(source.fields, intake.takeBlocks()).map(row => row.n)).toEqual([0, 1, 2])
    await advance(5000, 100)
    expect(rowsTaken(source.fields, intake.takeBlocks()).map(row => row.n)).toEqual([3, 4])
  })

  it('waits when the queue is full, and stops when closed', async () => {
    const rows = Array.from({ length: 30_000 }, (_, n) => ({ n }))
    const { intake, connection, calls } = open(replay(rows, { schema: { n: 'f64' }, queuedRowsMax: 10 }))
    await turn()
    expect(intake.queuedRows).toBe(8192)
    await connection.close()
    intake.takeBlocks()
    await turn()
    expect([intake.queuedRows <= 8192, calls.end]).toEqual([true, 0])
  })

  it('names wrong options', () => {
    expect(() => replay('x', { schema: SCHEMA })).toThrow("replay(): text was given: set format to 'json', 'ndjson' or 'csv'.")
    expect(() => replay([], { schema: SCHEMA, format: 'csv' })).toThrow('replay(): the data are not csv text.')
    expect(() => replay([], { schema: SCHEMA, speed: 0 })).toThrow('replay(): speed: 0 is not a number above 0.')
    expect(() => replay([], { schema: SCHEMA, speed: 1, timeColumn: 'n' })).toThrow(
      'replay(): timeColumn: n is not a timestamp column; a finite speed needs one.')
  })
})
