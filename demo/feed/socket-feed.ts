/**
 * The feed of `npm start`: readings come by a WebSocket that the engine holds; a second one steers the replay and tells its
 * position.
 */
import { webSocket } from 'millrace'
import { READING } from '../pipeline.js'
import type { Feed, OpenFeed } from './feed.js'
import { PositionClock } from './position-clock.js'
import type { ReplaySettings } from './replay-player.js'

const RECONNECT_MS = 1_000

export const openSocketFeed: OpenFeed = settings => {
  const session = crypto.randomUUID()
  const position = new PositionClock(settings.fromMs, settings.hoursPerSecond)
  let wish: Omit<ReplaySettings, 'fromMs' | 'untilMs'> = settings
  let isClosed = false
  let control: WebSocket

  // The server goes on where a session stopped; one that has been started anew learns from the address where that was.
  const address = (path: string): string => {
    const { hoursPerSecond: speed, isPaused } = wish
    const query = { session, from: position.nowMs(), until: settings.untilMs, speed, paused: isPaused }
    const texts = Object.entries(query).map(([name, value]) => [name, String(value)])
    return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}?${new URLSearchParams(texts)}`
  }
  const steer = (): void => {
    const { hoursPerSecond, isPaused } = wish
    if (control.readyState === WebSocket.OPEN) control.send(JSON.stringify({ hoursPerSecond, isPaused }))
  }
  const connect = (): void => {
    control = new WebSocket(address('/control'))
    control.onopen = steer
    control.onmessage = event => position.report((JSON.parse(String(event.data)) as { positionMs: number }).positionMs)
    control.onclose = () => void (isClosed || setTimeout(connect, RECONNECT_MS))
  }
  connect()

  const feed: Feed = {
    source: webSocket(address('/feed'), { format: 'ndjson', schema: READING, resume: () => address('/feed') }),
    positionMs: () => position.nowMs(),
    steer(next) {
      position.hoursPerSecond = next.hoursPerSecond
      wish = next
      steer()
    },
    close() {
      isClosed = true
      control.close()
    },
  }
  return feed
}
