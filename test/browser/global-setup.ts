/**
 * Runs in Node before the page tests: a WebSocket server for them, and the answers that they are to give.
 */
import type { TestProject } from 'vitest/node'
import { firstProgramAnswer, type PerSecond } from '../examples/first-program-answer.js'
import { runWorkload } from '../determinism/workload.js'
import { startFeedServer, type FeedServer } from '../support/feed-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether the project's pages are cross-origin isolated. */
    isolated: boolean
    feedUrl: string
    firstProgramAnswer: PerSecond[]
    /** Hashes of the determinism workload's outputs, as Node gives them. */
    workloadHashes: Record<string, string>
  }
}

let server: FeedServer | undefined

export async function setup(project: TestProject): Promise<void> {
  server = await startFeedServer()
  project.provide('feedUrl', server.url)
  project.provide('firstProgramAnswer', await firstProgramAnswer())
  project.provide('workloadHashes', (await runWorkload({ workers: 0, kernels: 'simd' })).hashes)
}

export async function teardown(): Promise<void> {
  await server?.close()
}
