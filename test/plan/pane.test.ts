/** Panes against the windows that they make up. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isDeadPane, lastWindowOf, paneMsOf, windowsOf } from '../../src/plan/pane.js'

const shape = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.integer({ min: -50, max: 50 }))
  .map(([a, b, offsetMs]) => ({ sizeMs: Math.max(a, b), slideMs: Math.min(a, b), offsetMs }))

describe('panes', () => {
  it('are as long as the greatest common divisor of size and slide', () => {
    expect([paneMsOf({ sizeMs: 10, slideMs: 4, offsetMs: 0 }), paneMsOf({ sizeMs: 60, slideMs: 60, offsetMs: 0 }),
      paneMsOf({ sizeMs: 7, slideMs: 3, offsetMs: 0 })])
      .toEqual([2, 60, 1])
    expect(paneMsOf({ sizeMs: 1.5, slideMs: 0.5, offsetMs: 0 })).toBe(0.5)
    expect(() => paneMsOf({ sizeMs: 1, slideMs: 1 / 3, offsetMs: 0 })).toThrow('whole microseconds')
  })

  it('lie wholly in exactly the windows that cover their rows', () => {
    fc.assert(fc.property(shape, fc.integer({ min: -500, max: 500 }), (window, t) => {
      const paneMs = paneMsOf(window)
      const pane = window.offsetMs + Math.floor((t - window.offsetMs) / paneMs) * paneMs
      const covering: number[] = []
      for (let start = window.offsetMs - 1000 * window.slideMs; start <= t; start += window.slideMs) {
        if (t < start + window.sizeMs) covering.push(start)
      }
      expect(windowsOf(pane, window)).toEqual(covering)
      expect(lastWindowOf(pane, window)).toBe(covering.at(-1))
      const lastEnd = covering.at(-1)! + window.sizeMs
      expect([isDeadPane(pane, window, lastEnd), isDeadPane(pane, window, lastEnd - 1)]).toEqual([true, false])
    }))
  })
})
