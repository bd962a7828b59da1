/** Adds up the result rows of W2: what every contender hands its results to. */
import { AdEvents } from '../../data/ad-events.mjs'
import { checksum } from '../../harness/checksum.mjs'

export class CampaignSums {
  #startMs
  #endMs
  #rows = 0
  #views = 0
  #weighted = 0

  /** @param {AdEvents} events rows outside of its portion are left out */
  constructor({ startMs, endMs }) {
    this.#startMs = startMs
    this.#endMs = endMs
  }

  /** @param {number} windowMs start @param {number} campaign @param {number} views */
  add(windowMs, campaign, views) {
    if (windowMs < this.#startMs || windowMs >= this.#endMs) return
    this.#rows++
    this.#views += views
    this.#weighted += views * (campaign + 1) * (1 + (windowMs - this.#startMs) / AdEvents.WINDOW_MS)
  }

  toString() {
    return checksum({ rows: this.#rows, views: this.#views, weighted: this.#weighted })
  }
}
