/**
 * A real WebSocket server on a free port of this machine that sends the same readings to whoever connects: NDJSON, several lines
 * a message, stamps out of order by less than the watermark's delay, and at last one reading far ahead that closes every window
 * before.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'

export interface Reading {
  readonly sensor: string
  readonly at: number
  readonly value: number
}

const START_MS = Date.UTC(2026, 0, 31, 12)
const READINGS = 4000
const READINGS_PER_MESSAGE = 97
const STEP_MS = 5
/** Less than the delay of the program's watermark, so that no reading is late. */
const DISORDER_MS = 1500
const FAR_AHEAD_MS = 3_600_000
const SENSORS = ['s-1', 's-2', 'Außen', '温度', '🌡️ "cellar"']

/** The same readings at every call. */
export function feedReadings(): Reading[] {
  let state = 0x2545f491
  const random = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  const readings = Array.from({ length: READINGS }, (_, i) => ({
    sensor: SENSORS[Math.floor(random() * SENSORS.length)]!,
    at: START_MS + i * STEP_MS - Math.floor(random() * DISORDER_MS),
    value: Math.round((20 + 10 * random()) * 1e4) / 1e4,
  }))
  return [...readings, { sensor: 'clock', at: START_MS + FAR_AHEAD_MS, value: 0 }]
}

export interface FeedServer {
  readonly url: string
  close(): Promise<void>
}

/** Starts the server. */
export async function startFeedServer(): Promise<FeedServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  server.on('connection', socket => send(socket))
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const client of server.clients) client.terminate()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function send(socket: WebSocket): void {
  const lines = feedReadings().map(({ sensor, at, value }) => JSON.stringify({ sensor, at: new Date(at).toISOString(), value }))
  for (let i = 0; i < lines.length; i += READINGS_PER_MESSAGE) socket.send(lines.slice(i, i + READINGS_PER_MESSAGE).join('\n'))
}
