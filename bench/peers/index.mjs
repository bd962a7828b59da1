/** The peers, by name; each says how it does W1 and W2. `take` gets the columns of a push, `close` gives the rows of a window. */
import { arquero } from './arquero.mjs'
import { duckdb } from './duckdb.mjs'
import { objectsAndMaps } from './objects.mjs'
import { perspective } from './perspective.mjs'
import { polars } from './polars.mjs'
import { rxjs } from './rxjs.mjs'

/**
 * @typedef {object} WindowPeer
 * @property {(columns: Record<string, Int32Array | Float64Array>) => unknown} take
 * @property {(emit: (...figures: number[]) => void) => unknown} close
 *
 * @typedef {object} Peer
 * @property {string} name
 * @property {boolean} isPagePackage
 * @property {() => Promise<WindowPeer>} sensorWindows emits sensor, n, sum, mean, min, max, sd
 * @property {(campaign: Int32Array) => Promise<WindowPeer>} [campaignViews] emits campaign, views
 */

/** @type {readonly Peer[]} */
export const PEERS = [objectsAndMaps, rxjs, arquero, duckdb, perspective, polars]
