/**
 * W2 by hand for one thread, rows in the order of time, one open window: the plain loop, one without branches, and one that
 * counts by advertisement and looks campaigns up when the window closes.
 */
import { ADS, AdEvents, CAMPAIGNS, VIEW } from '../../data/ad-events.mjs'

const { WINDOW_MS } = AdEvents

/**
 * @typedef {import('./campaign-sums.mjs').CampaignSums} Sums
 * @typedef {{ take(events: { ad: Int32Array, kind: Int32Array, at: Float64Array }): void, end(): void }} Running
 * @typedef {(sums: Sums, events: AdEvents) => Running} Loop
 */

/** @type {Record<string, Loop>} */
export const LOOPS = {
  'plain rows'(sums, { campaign }) {
    const counts = new Int32Array(CAMPAIGNS)
    let windowMs = -1
    let endMs = -1
    return {
      take({ ad, kind, at }) {
        for (let i = 0; i < ad.length; i++) {
          if (at[i] >= endMs) {
            close(sums, counts, windowMs)
            windowMs = Math.floor(at[i] / WINDOW_MS) * WINDOW_MS
            endMs = windowMs + WINDOW_MS
          }
          if (kind[i] === VIEW) counts[campaign[ad[i]]]++
        }
      },
      end: () => close(sums, counts, windowMs),
    }
  },

  'no branches'(sums, { campaign }) {
    const counts = new Int32Array(CAMPAIGNS)
    return splitAtEdges(windowMs => close(sums, counts, windowMs), (ad, kind, from, to) => {
      for (let i = from; i < to; i++) counts[campaign[ad[i]]] += (kind[i] - 1) >>> 31
    })
  },

  'counters by advertisement'(sums, { campaign }) {
    const counts = new Int32Array(CAMPAIGNS)
    const byAd = new Int32Array(ADS)
    const flush = (/** @type {number} */ windowMs) => {
      for (let ad = 0; ad < ADS; ad++) counts[campaign[ad]] += byAd[ad]
      byAd.fill(0)
      close(sums, counts, windowMs)
    }
    return splitAtEdges(flush, (ad, kind, from, to) => {
      for (let i = from; i < to; i++) byAd[ad[i]] += (kind[i] - 1) >>> 31
    })
  },
}

/**
 * @param {(windowMs: number) => void} flush
 * @param {(ad: Int32Array, kind: Int32Array, from: number, to: number) => void} countRows @returns {Running}
 */
function splitAtEdges(flush, countRows) {
  let windowMs = -1
  let endMs = -1
  return {
    take({ ad, kind, at }) {
      const rows = ad.length
      for (let from = 0; from < rows;) {
        if (at[from] >= endMs) {
          flush(windowMs)
          windowMs = Math.floor(at[from] / WINDOW_MS) * WINDOW_MS
          endMs = windowMs + WINDOW_MS
        }
        let to = rows
        if (at[rows - 1] >= endMs) for (to = from; at[to] < endMs;) to++
        countRows(ad, kind, from, to)
        from = to
      }
    },
    end: () => flush(windowMs),
  }
}

/** @param {Sums} sums @param {Int32Array} counts @param {number} windowMs */
function close(sums, counts, windowMs) {
  for (let campaign = 0; campaign < CAMPAIGNS; campaign++) {
    if (counts[campaign] > 0) sums.add(windowMs, campaign, counts[campaign])
  }
  counts.fill(0)
}
