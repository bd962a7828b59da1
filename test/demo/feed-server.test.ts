/**
 * The demo's feed over real sockets: it replays from where it is asked to, obeys speed and pause, and goes on after a cut where
 * it stopped.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { attachFeed } from '../../demo/feed/feed-server.js'
import { loadWeek, type RecordedReading } from '../../demo/feed/replay.js'
import { HOUR_MS, WEEK_START_MS } from '../../demo/sensors.js'

let server: Server
let feed: { close(): void }
let week: RecordedReading[]
let address: string

beforeEach(async () => {
  week = await loadWeek(file => readFile(new URL(`../../demo/public/data/${file}`, import.meta.url), 'utf8'))
  server = createServer()
  feed = attachFeed(server, week)
  await new Promise<void>(resolve => server.listen(0, resolve))
  address = `ws://localhost:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  feed.close()
  await new Promise(resolve => server.close(resolve))
})

/** Readings of one socket as they come; `until` resolves once so many are there. */
function listen(url: string): { readonly socket: WebSocket; readonly times: number[]; until(count: number): Promise<void> } {
  const socket = new WebSocket(url)
  const times: number[] = []
  let wake = (): void => undefined
  socket.on('message', data => {
    for (const line of String(data).trim().split('\n')) times.push((JSON.parse(line) as { at: number }).at)
    wake()
  })
  const until = async (count: number): Promise<void> => {
    while (times.length < count) await new Promise<void>(resolve => { wake = resolve })
  }
  return { socket, times, until }
}

const closed = (socket: WebSocket): Promise<number> => new Promise(resolve => socket.on('close', resolve))

describe('the feed', () => {
  it('replays the readings in order, from the hour it is asked for', async () => {
    const fromMs = WEEK_START_MS + 30 * HOUR_MS
    const { times, until } = listen(`${address}/feed?session=a&from=${fromMs}&speed=50`)
    await until(200)
    const expected = week.filter(({ atMs }) => atMs >= fromMs).map(({ atMs }) => atMs)
    expect(times).toEqual(expected.slice(0, times.length))
  })

  it('goes on after a cut where it stopped, without the same reading twice', async () => {
    const before = listen(`${address}/feed?session=b&speed=20`)
    await before.until(100)
    before.socket.close()
    await closed(before.socket)
    const after = listen(`${address}/feed?session=b&speed=20`)
    await after.until(50)
    const times = [...before.times, ...after.times]
    expect(times).toEqual(week.slice(0, times.length).map(({ atMs }) => atMs))
  })

  it('starts when it is no longer paused, and tells its position', async () => {
    const { times, until } = listen(`${address}/feed?session=c&speed=20&paused=true`)
    const control = new WebSocket(`${address}/control?session=c&speed=20&paused=true`)
    const position = (): Promise<number> => new Promise(resolve =>
      control.once('message', data => resolve((JSON.parse(String(data)) as { positionMs: number }).positionMs)))
    expect(await position()).toBe(WEEK_START_MS)
    expect(times).toEqual([])
    control.send(JSON.stringify({ isPaused: false, hoursPerSecond: 50 }))
    await until(100)
    expect(await position()).toBeGreaterThan(WEEK_START_MS)
  })

  it('closes a control socket that sends no JSON', async () => {
    const control = new WebSocket(`${address}/control?session=d`)
    control.on('open', () => control.send('faster!'))
    expect(await closed(control)).toBe(1007)
  })
})
