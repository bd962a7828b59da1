/**
 * The first program in Node, over a real WebSocket: what it gives is what DuckDB gives for the same readings.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { expectAnswer } from '../support/expect-answer.js'
import { startFeedServer, type FeedServer } from '../support/feed-server.js'
import { runFirstProgram } from '../support/run-first-program.js'
import { firstProgramAnswer } from './first-program-answer.js'

let server: FeedServer

beforeAll(async () => {
  // Node 20 has no WebSocket of its own; from Node 22 on it has.
  globalThis.WebSocket ??= WebSocket as never
  server = await startFeedServer()
})

afterAll(() => server.close())

describe('the first program', () => {
  it('gives what DuckDB gives', async () => {
    const answer = await firstProgramAnswer()
    expect(answer.length).toBeGreaterThan(80)
    const { rows, drawn } = await runFirstProgram(server.url, answer.length)
    expectAnswer(rows, answer)
    expect(drawn).toEqual(rows.map(({ startMs, sensor, mean }) => `${startMs} ${sensor} ${mean}`))
  })
})
