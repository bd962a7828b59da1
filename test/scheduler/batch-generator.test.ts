/**
 * When batches are made: pure decisions, driven by hand.
 */
import { describe, expect, it } from 'vitest'
import { BatchGenerator, type GeneratorEvent, type GeneratorFacts } from '../../src/scheduler/batch-generator.js'

const still: Omit<GeneratorFacts, 'nowMs'> =
  { hasData: false, isFull: false, batchesInFlight: 0, canBegin: true, isReady: true, canClose: false, nextIdleMs: null }

function generator(batchIntervalMs: number, startMs = 0, maxBatchesQueued = 1) {
  const made = new BatchGenerator({ batchIntervalMs, maxBatchesQueued }, startMs)
  return (nowMs: number, event: GeneratorEvent, facts: Partial<GeneratorFacts> = {}) => {
    let batch: number | null = null
    let timer: number | null = null
    let limited = true
    for (const action of made.on(event, { ...still, nowMs, ...facts })) {
      if (action.kind === 'makeBatch') [batch, limited] = [action.batchTimeMs, action.limited]
      else timer = action.atMs
    }
    return { batch, timer, ...(limited ? {} : { limited }) }
  }
}

const DATA = { hasData: true }

describe('batch generator with an interval', () => {
  it('makes a batch at the next multiple of the interval, named by it', () => {
    const on = generator(250, 1010)
    expect(on(1020, 'changed', DATA)).toEqual({ batch: null, timer: 1250 })
    expect(on(1251, 'timer', DATA)).toEqual({ batch: 1250, timer: null })
  })

  it('asks for no timer while nothing waits', () => {
    const on = generator(250)
    expect(on(10, 'changed')).toEqual({ batch: null, timer: null })
    expect(on(10, 'changed', { nextIdleMs: 700 })).toEqual({ batch: null, timer: 700 })
  })

  it('waits again when a timer fires early', () => {
    const on = generator(250)
    on(20, 'changed', DATA)
    expect(on(249, 'timer', DATA)).toEqual({ batch: null, timer: 250 })
  })

  it('makes one batch of many missed intervals', () => {
    const on = generator(250)
    expect(on(10_100, 'timer', DATA)).toEqual({ batch: 10_000, timer: null })
    expect(on(10_101, 'changed', DATA)).toEqual({ batch: null, timer: 10_250 })
  })

  it('queues as many batches as allowed, then makes one of all that waited as soon as there is room', () => {
    const on = generator(100)
    expect(on(100, 'timer', DATA).batch).toBe(100)
    expect(on(200, 'timer', { ...DATA, batchesInFlight: 1 }).batch).toBe(200)
    expect(on(300, 'timer', { ...DATA, batchesInFlight: 2 })).toEqual({ batch: null, timer: null })
    expect(on(400, 'timer', { ...DATA, batchesInFlight: 2 }).batch).toBe(null)
    expect(on(457, 'changed', { ...DATA, batchesInFlight: 1 })).toEqual({ batch: 457, timer: null })
    expect(on(458, 'changed', { ...DATA, batchesInFlight: 2 })).toEqual({ batch: null, timer: 500 })
  })

  it('does not wait for the interval when a source is full, but until the batch can begin', () => {
    const on = generator(250)
    const full = { ...DATA, isFull: true }
    expect(on(10, 'changed', full)).toEqual({ batch: 10, timer: null })
    const busy = { ...full, batchesInFlight: 1, canBegin: false, isReady: false }
    expect(on(12, 'changed', busy)).toEqual({ batch: null, timer: null })
    expect(on(260, 'timer', busy).batch).toBe(null)
    expect(on(261, 'changed', { ...busy, canBegin: true }).batch).toBe(261)
    expect(on(262, 'changed', DATA)).toEqual({ batch: null, timer: 500 })
  })

  it('closes windows at once, but not before the data that waits', () => {
    const on = generator(250)
    expect(on(30, 'changed', { canClose: true, batchesInFlight: 1 }).batch).toBe(null)
    expect(on(31, 'changed', { canClose: true, ...DATA }).batch).toBe(null)
    expect(on(32, 'changed', { canClose: true }).batch).toBe(32)
  })

  it('does not wait when it is drained, and takes everything', () => {
    const on = generator(3_600_000, 7)
    expect(on(10, 'drain', DATA)).toEqual({ batch: 10, timer: null, limited: false })
    expect(on(11, 'changed', DATA)).toEqual({ batch: null, timer: 3_600_000 })
  })

  it('remembers a drain until there is room', () => {
    const on = generator(100)
    expect(on(10, 'drain', { ...DATA, batchesInFlight: 2 }).batch).toBe(null)
    expect(on(20, 'changed', { ...DATA, batchesInFlight: 1 })).toEqual({ batch: 20, timer: null, limited: false })
  })

  it('gives no batch time twice backwards when the clock is set back', () => {
    const on = generator(100)
    expect(on(500, 'timer', DATA).batch).toBe(500)
    expect(on(300, 'drain', DATA).batch).toBe(500)
  })
})

describe('batch generator without an interval', () => {
  it('makes a batch as soon as there is data and it can begin', () => {
    const on = generator(0)
    expect(on(5, 'changed', DATA)).toEqual({ batch: 5, timer: null })
    expect(on(6, 'changed', { ...DATA, batchesInFlight: 1, isReady: false })).toEqual({ batch: null, timer: null })
    expect(on(7, 'changed', { ...DATA, batchesInFlight: 1 }).batch).toBe(7)
    expect(on(8, 'changed', { canClose: true, batchesInFlight: 1 }).batch).toBe(null)
    expect(on(9, 'changed', DATA).batch).toBe(9)
  })

  it('wakes up for an idle timeout', () => {
    const on = generator(0)
    expect(on(5, 'changed', { nextIdleMs: 90 })).toEqual({ batch: null, timer: 90 })
    expect(on(90, 'timer', { canClose: true }).batch).toBe(90)
  })
})
