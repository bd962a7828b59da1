/**
 * Runs in Node before the page tests: a WebSocket server for them, and the answers that they are to give.
 */
import type { TestProject } from 'vitest/node'
import { firstProgramAnswer, type PerSecond } from '../examples/first-program-answer.js'
import { startFeedServer, type FeedServer } from '../support/feed-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether the project's pages are cross-origin isolated. */
    isolated: boolean
    feedUrl: string
    firstProgramAnswer: PerSecond[]
  }
}

let server: FeedServer | undefined

export async function setup(project: TestProject): Promise<void> {
  server = await startFeedServer()
  project.provide('feedUrl', server.url)
  project.provide('firstProgramAnswer', await firstProgramAnswer())
}

export async function teardown(): Promise<void> {
  await server?.close()
}
