/**
 * What the page knows of a feed: a source for the engine, and the means to steer the replay behind it. Two make it: a WebSocket
 * to the server of `npm start`, and a worker of the page's own that plays the bundled recordings (static hosting).
 */
import type { Source } from 'millrace'
import type { READING } from '../pipeline.js'
import type { ReplaySettings } from './replay-player.js'

export interface Feed {
  /** For one context; a new context gets a new feed. */
  readonly source: Source<typeof READING>
  /** Event time up to which readings have been sent, epoch ms; runs on smoothly between two reports. */
  positionMs(): number
  steer(wish: { readonly hoursPerSecond: number; readonly isPaused: boolean }): void
  close(): void
}

export type OpenFeed = (settings: ReplaySettings) => Feed
