/**
 * The feed of `npm start`: readings come by a WebSocket that the engine holds; a second one steers the replay and tells its
 * position.
 */
import { webSocket } from 'millrace'
import { READING } from '../pipeline.js'
import type { Feed, OpenFeed } from './feed.js'
import { PositionClock } from './position-clock.js'

const RECONNECT_MS = 1_000

export const openSocketFeed: OpenFeed = settings => {
  const session = crypto.randomUUID()
  const query = new URLSearchParams({
    session, from: String(settings.fromMs), until: String(settings.untilMs), speed: String(settings.hoursPerSecond),
    paused: String(settings.isPaused),
  })
  const base = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`
  const position = new PositionClock(settings.fromMs, settings.hoursPerSecond)
  let wish = JSON.stringify({ hoursPerSecond: settings.hoursPerSecond, isPaused: settings.isPaused })
  let isClosed = false
  let control: WebSocket

  const connect = (): void => {
    control = new WebSocket(`${base}/control?${query}`)
    control.onopen = () => control.send(wish)
    control.onmessage = event => position.report((JSON.parse(String(event.data)) as { positionMs: number }).positionMs)
    control.onclose = () => void (isClosed || setTimeout(connect, RECONNECT_MS))
  }
  connect()

  const feed: Feed = {
    source: webSocket(`${base}/feed?${query}`, { format: 'ndjson', schema: READING }),
    positionMs: () => position.nowMs(),
    steer(next) {
      position.hoursPerSecond = next.hoursPerSecond
      wish = JSON.stringify(next)
      if (control.readyState === WebSocket.OPEN) control.send(wish)
    },
    close() {
      isClosed = true
      control.close()
    },
  }
  return feed
}
