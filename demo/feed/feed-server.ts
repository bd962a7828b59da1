/**
 * The live feed of `npm start`: a WebSocket at `/feed` that replays the recordings as NDJSON, and one at `/control` by which the
 * page sets speed and pause. Both name a session; a socket that comes back with the same session goes on where the last one
 * stopped.
 * Invariant: a session lives as long as one of its sockets, and a minute longer.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { WEEK_START_MS } from '../sensors.js'
import type { RecordedReading } from './replay.js'
import { ReplayPlayer } from './replay-player.js'

const SESSION_LINGER_MS = 60_000
const SESSIONS_MAX = 64
const BUFFERED_BYTES_MAX = 1 << 20
const POSITION_EVERY_MS = 200
const CONTROL_BYTES_MAX = 1_024

interface Session {
  readonly player: ReplayPlayer
  feed: WebSocket | null
  sockets: number
  linger: ReturnType<typeof setTimeout> | undefined
}

/** Adds the feed to a web server; other upgrade paths are left alone. */
export function attachFeed(server: Server, week: readonly RecordedReading[]): { close(): void } {
  const sessions = new Map<string, Session>()
  const sockets = new WebSocketServer({ noServer: true, maxPayload: CONTROL_BYTES_MAX })

  const upgrade = (request: IncomingMessage, duplex: Duplex, head: Buffer): void => {
    const url = new URL(request.url ?? '/', 'http://feed')
    if (url.pathname !== '/feed' && url.pathname !== '/control') return
    const session = sessionOf(url, sessions, week)
    if (session === null) {
      duplex.end('HTTP/1.1 503 Service Unavailable\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, duplex, head, socket => {
      hold(url.searchParams.get('session') ?? '', session, sessions, socket)
      if (url.pathname === '/feed') session.feed = socket
      else control(session, socket)
    })
  }
  server.on('upgrade', upgrade)

  return {
    close() {
      server.off('upgrade', upgrade)
      for (const socket of sockets.clients) socket.terminate()
      for (const session of sessions.values()) end(session)
      sessions.clear()
    },
  }
}

function sessionOf(url: URL, sessions: Map<string, Session>, week: readonly RecordedReading[]): Session | null {
  const id = url.searchParams.get('session') ?? ''
  const known = sessions.get(id)
  if (known !== undefined) return known
  if (sessions.size >= SESSIONS_MAX) return null
  const session: Session = {
    feed: null,
    sockets: 0,
    linger: undefined,
    player: new ReplayPlayer(week, {
      fromMs: numberOf(url.searchParams.get('from'), WEEK_START_MS, WEEK_START_MS, Number.MAX_SAFE_INTEGER),
      untilMs: numberOf(url.searchParams.get('until'), Infinity, WEEK_START_MS, Number.MAX_SAFE_INTEGER),
      hoursPerSecond: numberOf(url.searchParams.get('speed'), 1, 0, 1_000),
      isPaused: url.searchParams.get('paused') === 'true',
    }, {
      isReady: () => session.feed !== null && session.feed.readyState === 1 && session.feed.bufferedAmount < BUFFERED_BYTES_MAX,
      receive: ndjson => session.feed?.send(ndjson),
    }),
  }
  sessions.set(id, session)
  return session
}

function hold(id: string, session: Session, sessions: Map<string, Session>, socket: WebSocket): void {
  clearTimeout(session.linger)
  session.sockets += 1
  socket.on('error', () => socket.terminate())
  socket.on('close', () => {
    if (session.feed === socket) session.feed = null
    session.sockets -= 1
    if (session.sockets > 0) return
    session.linger = setTimeout(() => {
      end(session)
      sessions.delete(id)
    }, SESSION_LINGER_MS)
  })
}

function control(session: Session, socket: WebSocket): void {
  const { player } = session
  const timer = setInterval(() => socket.send(JSON.stringify({ positionMs: player.positionMs })), POSITION_EVERY_MS)
  socket.on('close', () => clearInterval(timer))
  socket.on('message', data => {
    let wish: { hoursPerSecond?: unknown; isPaused?: unknown }
    try {
      wish = JSON.parse(String(data)) as typeof wish
    } catch {
      return socket.close(1007, 'a control message is a JSON object')
    }
    player.hoursPerSecond = numberOf(wish.hoursPerSecond, player.hoursPerSecond, 0, 1_000)
    if (typeof wish.isPaused === 'boolean') player.isPaused = wish.isPaused
  })
}

function end(session: Session): void {
  clearTimeout(session.linger)
  session.player.stop()
}

/** `value` as a number within [least, most], or `otherwise` where it is none. */
function numberOf(value: unknown, otherwise: number, least: number, most: number): number {
  const number = value === null || value === undefined || value === '' ? Number.NaN : Number(value)
  return Number.isFinite(number) ? Math.min(Math.max(number, least), most) : otherwise
}
