/** The small parts of sources: options, back-off, the parser of server-sent events, custom sources, bad records. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Prng } from '../../src/base/prng.js'
import { badRecords } from '../../src/source/bad-records.js'
import { custom, type CustomSource } from '../../src/source/custom.js'
import { Backoff } from '../../src/source/connection-loop.js'
import { reconnectSettings } from '../../src/source/reconnect.js'
import type { Intake } from '../../src/source/source.js'
import { SseParser } from '../../src/source/sse-parser.js'
import { rowsTaken } from '../support/blocks.js'
import { openIntake } from '../support/intake.js'

const SCHEMA = { n: 'f64' } as const

describe('source options', () => {
  const make = (options: object) => () => custom({ schema: SCHEMA, start() {}, ...options } as CustomSource<typeof SCHEMA>)

  it('have defaults', () => {
    expect(make({})()).toMatchObject({
      name: 'custom()', blockFormat: 'columns', fields: [{ name: 'n', type: 'f64' }],
      limits: { onBadRecord: 'drop', overflow: 'pause', maxRate: null, queuedRowsMax: 1_000_000 },
    })
    expect(make({ format: 'csv' })().csv).toEqual({ header: true, delimiter: ',' })
    expect(make({ canPause: false })().limits.overflow).toBe('dropOldest')
  })

  it('name the value that is wrong', () => {
    expect(make({ schema: {} })).toThrow(
      "custom(): schema: an object has no columns. Give their types, such as { sensor: 'utf8', at: 'timestamp', value: 'f64' }.")
    expect(make({ schema: { n: 'float' } })).toThrow(
      "column 'n' has type 'float'; types are 'bool', 'i32', 'i64', 'f32', 'f64', 'utf8' and 'timestamp'.")
    expect(make({ format: 'xml' })).toThrow(
      "custom(): format: 'xml' is not one of 'rows', 'columns', 'json', 'ndjson' and 'csv'.")
    expect(make({ format: 'arrow' })).toThrow("custom(): format 'arrow' is not there yet.")
    expect(make({ overflow: 'wait' })).toThrow("overflow: 'wait' is not one of 'pause', 'dropOldest', 'dropNewest' and 'sample'.")
    expect(make({ maxRate: -1 })).toThrow('maxRate: -1 is not a number of rows per second above 0.')
    expect(make({ queuedRowsMax: NaN })).toThrow('queuedRowsMax: NaN is not a number of rows above 0.')
    expect(make({ onBadRecord: 'ignore' })).toThrow(
      "onBadRecord: 'ignore' is not 'fail', 'drop' or a source made by badRecords().")
    expect(make({ format: 'csv', csv: { delimiter: '::' } })).toThrow(
      "csv.delimiter: '::' is not one ASCII character other than a quote.")
    expect(make({ name: 'plant', maxRate: '5' })).toThrow("plant: maxRate: '5' is not")
  })
})

describe('back-off', () => {
  it('waits longer each time, up to the most, with jitter, and starts anew', () => {
    const settings = reconnectSettings('x', { initialDelayMs: 100, maxDelayMs: 1000, factor: 3, jitter: 0.5, attemptsMax: 5 })!
    for (let seed = 0; seed < 50; seed++) {
      const backoff = new Backoff(settings, seed)
      const delays = [1, 2, 3, 4, 5].map(() => backoff.nextDelayMs()!)
      delays.forEach((delay, i) => {
        const full = Math.min(1000, 100 * 3 ** i)
        expect(delay).toBeGreaterThan(full / 2 - 1e-9)
        expect(delay).toBeLessThanOrEqual(full)
      })
      expect(backoff.nextDelayMs()).toBeNull()
      backoff.reset()
      backoff.setInitialDelayMs(10)
      expect(backoff.nextDelayMs()).toBeLessThanOrEqual(10)
    }
    const first = [1, 2].map(seed => new Backoff(settings, seed).nextDelayMs())
    expect(first[0]).not.toBe(first[1])
  })
})

describe('prng', () => {
  it('repeats by its seed and spreads over [0, 1)', () => {
    const draw = (seed: number): number[] => {
      const prng = new Prng(seed)
      return Array.from({ length: 1000 }, () => prng.next())
    }
    expect(draw(1_700_000_000_123)).toEqual(draw(1_700_000_000_123))
    expect(draw(1)).not.toEqual(draw(2 ** 32 + 1))
    const counts = new Array<number>(10).fill(0)
    for (const x of draw(7)) counts[Math.floor(x * 10)]!++
    expect(Math.min(...counts)).toBeGreaterThan(60)
    expect(Math.max(...counts)).toBeLessThan(140)
  })
})

describe('parser of server-sent events', () => {
  const parse = (parts: readonly string[]) => {
    const retries: number[] = []
    const parser = new SseParser('old', ms => retries.push(ms))
    return { events: parts.flatMap(part => parser.push(part)), retries }
  }

  it('follows the standard', () => {
    expect(parse([
      '\ufeff: note\ndata: YHOO\ndata:+2\r\ndata\n\nid: 1\rdata:  x\r\revent: e\n\nid\ndata: y\n\n',
      'retry: 10\nretry: 1s\nid: a\0b\ndata: z\nother: 1\n\ndata: lost',
    ])).toEqual({
      events: [
        { type: 'message', data: 'YHOO\n+2\n', lastEventId: 'old' }, { type: 'message', data: ' x', lastEventId: '1' },
        { type: 'message', data: 'y', lastEventId: '' }, { type: 'message', data: 'z', lastEventId: '' },
      ],
      retries: [10],
    })
  })

  it('is the same however the text is cut', () => {
    const piece =
      fc.constantFrom('\r', '\n', '\r\n', 'data: a', 'data:b', ':', 'event: e', 'id: 7', 'id', 'retry: 5', '\ufeff', 'x')
    fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(100)), (pieces, cuts) => {
      const text = pieces.join('')
      const borders = [0, ...cuts.map(cut => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
      expect(parse(borders.slice(1).map((end, i) => text.slice(borders[i], end)))).toEqual(parse([text]))
    }))
  })
})

describe('custom', () => {
  it('is given the intake, and closed the way it says', async () => {
    const closed: string[] = []
    const feed = (intake: Intake): void => intake.pushRows([{ n: 1 }])
    const starts: CustomSource<typeof SCHEMA>['start'][] = [
      intake => (feed(intake), () => void closed.push('function')),
      intake => (feed(intake), { close: () => void closed.push('connection') }),
      async intake => feed(intake),
    ]
    for (const start of starts) {
      const source = custom({ schema: SCHEMA, start })
      const { intake } = openIntake(source)
      await source.start(intake).close()
      expect(rowsTaken(source.fields, intake.takeBlocks())).toEqual([{ n: 1 }])
    }
    expect(closed).toEqual(['function', 'connection'])
  })

  it('fails when it throws, at once or later', async () => {
    const boom = new Error('no such port')
    for (const start of [() => { throw boom }, () => Promise.reject(boom)]) {
      const source = custom({ schema: SCHEMA, start, name: 'serial' })
      const { intake, failures } = openIntake(source)
      source.start(intake)
      await Promise.resolve()
      await Promise.resolve()
      expect(failures).toMatchObject([{ code: 'SOURCE_FAILED', message: 'Source serial failed: no such port', cause: boom }])
    }
  })
})

describe('badRecords', () => {
  it('makes rows of bad records, keeps the newest, and takes none before it runs', () => {
    const source = badRecords({ queuedRowsMax: 2 })
    const record = (offset: number) => ({ source: 's', offset, position: 3, reason: 'r', bytes: new TextEncoder().encode('{"é') })
    source.deliver([record(0)])
    const { intake } = openIntake(source)
    const connection = source.start(intake)
    source.deliver([record(1), record(2), record(3)])
    expect(rowsTaken(source.fields, intake.takeBlocks())).toEqual(
      [2, 3].map(offset => ({ source: 's', offset, position: 3, reason: 'r', bytes: '{"é' })))
    expect(intake.droppedRows).toBe(1)
    void connection.close()
    source.deliver([record(4)])
    expect(intake.queuedRows).toBe(0)
  })
})
