/**
 * The PID rate estimator, against its formula worked out by hand.
 */
import { describe, expect, it } from 'vitest'
import { RateController } from '../../src/scheduler/rate-controller.js'

const sample = (completedMs: number, numRows: number, processingMs: number, schedulingDelayMs = 0) =>
  ({ completedMs, numRows, processingMs, schedulingDelayMs })

describe('rate controller', () => {
  it('is only seeded by the first batch with rows', () => {
    const controller = new RateController(1000)
    controller.update(sample(1000, 0, 5))
    controller.update(sample(2000, 500, 1000))
    expect(controller.rowsPerSecond).toBe(null)
  })

  it('follows the processing rate, less what waited', () => {
    const controller = new RateController(1000)
    controller.update(sample(1000, 1000, 500))
    controller.update(sample(2000, 1000, 1000))
    // rate 2000, processed 1000, error 1000, nothing waited: 2000 − 1000.
    expect(controller.rowsPerSecond).toBe(1000)
    controller.update(sample(3000, 2000, 1000, 500))
    // rate 1000, processed 2000, error −1000, waiting 500 ms · 2000 / 1000 ms = 1000: 1000 + 1000 − 0.2 · 1000.
    expect(controller.rowsPerSecond).toBe(1800)
  })

  it('stays at 100 rows per second at least', () => {
    const controller = new RateController(1000)
    controller.update(sample(1000, 1000, 1000))
    controller.update(sample(2000, 10, 1000, 60_000))
    expect(controller.rowsPerSecond).toBe(100)
  })

  it('learns nothing from batches without rows, without duration or out of order', () => {
    const controller = new RateController(1000)
    controller.update(sample(1000, 1000, 1000))
    controller.update(sample(2000, 1000, 500))
    for (const empty of [sample(3000, 0, 100), sample(3000, 100, 0), sample(2000, 1, 1000)]) controller.update(empty)
    expect(controller.rowsPerSecond).toBe(2000)
  })
})
