/**
 * Events of 10,000 advertisements of 100 campaigns, as columns (W2): views, clicks, purchases; 100,000 rows per second of event
 * time, windows of ten seconds.
 */
import { WindowedColumns } from './windowed-columns.mjs'

export const ADS = 10_000
export const CAMPAIGNS = 100
export const VIEW = 0

/** @extends {WindowedColumns<{ ad: Int32Array, kind: Int32Array }>} */
export class AdEvents extends WindowedColumns {
  static WINDOW_MS = 10_000

  /** @param {number} rows */
  constructor(rows) {
    super({
      columns: { ad: new Int32Array(rows), kind: new Int32Array(rows) },
      seed: 0x51ed270b,
      fillRow({ ad, kind }, i, next) {
        ad[i] = next() % ADS
        kind[i] = next() % 3
      },
      windowMs: AdEvents.WINDOW_MS,
      rowsPerMs: 100,
    })
    /** By advertisement. */
    this.campaign = Int32Array.from({ length: ADS }, (_, ad) => Math.floor((ad * 7919 % ADS) / (ADS / CAMPAIGNS)))
  }

  closingRow() {
    return { ad: Int32Array.of(0), kind: Int32Array.of(VIEW), at: Float64Array.of(this.endMs) }
  }
}
