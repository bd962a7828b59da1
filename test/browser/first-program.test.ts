/**
 * The first program in a page, over a real WebSocket: what it gives is what DuckDB gives for the same readings.
 */
import { describe, expect, inject, it } from 'vitest'
import { expectAnswer } from '../support/expect-answer.js'
import { runFirstProgram } from '../support/run-first-program.js'

describe('the first program in a page', () => {
  it('runs where isolation is as the project says', () => {
    expect(globalThis.crossOriginIsolated).toBe(inject('isolated'))
  })

  it('gives what DuckDB gives', async () => {
    const answer = inject('firstProgramAnswer')
    const { rows } = await runFirstProgram(inject('feedUrl'), answer.length)
    expectAnswer(rows, answer)
  })
})
