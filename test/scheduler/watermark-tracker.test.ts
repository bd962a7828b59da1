/**
 * Watermarks by hand: which batch drops and closes by which, what holds them back, and when a batch without rows is worth its
 * while.
 */
import { describe, expect, it } from 'vitest'
import { WatermarkTracker } from '../../src/scheduler/watermark-tracker.js'
import { windowPlan } from './plans.js'

const one = (delayMs: number, sizeMs = 10_000) => new WatermarkTracker(windowPlan({ inputs: [{ delayMs }], sizeMs }), 0)
const two = (idleTimeoutMs?: number) =>
  new WatermarkTracker(windowPlan({ inputs: [0,
    1].map(() => ({ delayMs: 0, ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }) })), sizeMs: 10_000 }), 0)
const force = (tracker: WatermarkTracker, batchTimeMs = 0) => {
  const { lateWatermarkMs, closeWatermarkMs } = tracker.advance(batchTimeMs)[0]!
  return [lateWatermarkMs, closeWatermarkMs]
}

describe('watermark tracker', () => {
  it('drops by the watermark of the batch before and closes by that of the batch', () => {
    const tracker = one(1000)
    expect(force(tracker)).toEqual([-Infinity, -Infinity])
    tracker.observe(0, [{ 0: 5000 }, { 0: 3000 }, {}])
    expect(force(tracker)).toEqual([-Infinity, 4000])
    tracker.observe(0, [{ 0: 9000 }])
    expect(force(tracker)).toEqual([4000, 8000])
    expect(force(tracker)).toEqual([8000, 8000])
  })

  it('never goes back', () => {
    const tracker = one(0)
    tracker.observe(0, [{ 0: 5000 }])
    force(tracker)
    tracker.observe(0, [{ 0: 1000 }])
    expect(force(tracker)).toEqual([5000, 5000])
  })

  it('takes the smallest of its inputs; one that has seen nothing holds it back', () => {
    const tracker = two()
    tracker.observe(0, [{ 0: 50_000 }])
    expect(force(tracker)).toEqual([-Infinity, -Infinity])
    tracker.observe(0, [{ 1: 20_000 }])
    expect(force(tracker)).toEqual([-Infinity, 20_000])
  })

  it('leaves out an idle input until it speaks again, without going back', () => {
    const tracker = two(1000)
    tracker.observe(100, [{ 0: 50_000, 1: 20_000 }])
    expect(force(tracker, 200)).toEqual([-Infinity, 20_000])
    tracker.observe(900, [{ 0: 60_000 }])
    expect(tracker.nextIdleMs(900)).toBe(1100)
    expect(force(tracker, 1099)[1]).toBe(20_000)
    expect(force(tracker, 1100)[1]).toBe(60_000)
    tracker.observe(1200, [{ 1: 25_000 }])
    expect(force(tracker, 1200)[1]).toBe(60_000)
  })

  it('goes by the furthest input where all are idle', () => {
    const tracker = two(1000)
    tracker.observe(0, [{ 0: 50_000, 1: 20_000 }])
    expect(force(tracker, 5000)[1]).toBe(50_000)
    expect(tracker.nextIdleMs(5000)).toBe(null)
  })

  it('counts an ended source as infinite, and no other', () => {
    const tracker = two()
    tracker.observe(0, [{ 0: 5000, 1: 1000 }])
    tracker.endSource(1)
    expect(force(tracker)[1]).toBe(5000)
    tracker.endSource(0)
    expect(force(tracker)[1]).toBe(Infinity)
    expect(tracker.canClose(0)).toBe(false)
  })

  it('wants a batch without rows exactly when the end of a window was passed', () => {
    const tracker = one(0)
    tracker.observe(0, [{ 0: 12_000 }])
    expect(tracker.canClose(0)).toBe(true)
    force(tracker)
    expect(tracker.canClose(0)).toBe(false)
    tracker.observe(0, [{ 0: 19_999 }])
    expect(tracker.canClose(0)).toBe(false)
    tracker.observe(0, [{ 0: 20_000 }])
    expect(tracker.canClose(0)).toBe(true)
  })

  it('wants no batch without rows where every batch gives everything', () => {
    const tracker = new WatermarkTracker(windowPlan({ inputs: [{ delayMs: 0 }], sizeMs: 1000, mode: 'complete' }), 0)
    tracker.observe(0, [{ 0: 12_000 }])
    expect(tracker.canClose(0)).toBe(false)
    expect(force(tracker)).toEqual([-Infinity, 12_000])
  })

  it('shows the smallest watermark that the last batch ran by', () => {
    const tracker = one(1000)
    force(tracker)
    tracker.observe(0, [{ 0: 5000 }])
    expect(tracker.currentMs).toBe(null)
    force(tracker)
    expect(tracker.currentMs).toBe(4000)
    tracker.endSource(0)
    force(tracker)
    expect(tracker.currentMs).toBe(4000)
  })
})
