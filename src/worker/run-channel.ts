/**
 * The hot call, past comlink: tasks go down and their results come up as plain messages of the port that comlink uses for all
 * else. A call costs one message and one listener each way, without proxies, ids in text and promises between.
 * Invariant: answers are told from comlink's messages by their shape; a call whose worker is lost never settles here (the pool
 * settles it).
 */
import type { Endpoint } from 'comlink'
import type { WorkerPort } from '../base/platform-port.js'
import type { TaskResult } from '../plan/task.js'
import type { PostedTask } from './block-transfer.js'
import type { Answer } from './protocol.js'

type RunAnswer = Answer<readonly TaskResult[]>

interface RunMessage {
  readonly run: number
  readonly tasks: readonly PostedTask[]
}

interface RanMessage {
  readonly ran: number
  readonly answer: RunAnswer
}

/** An answer and the buffers that nobody here needs any more. */
export interface RunReply {
  readonly answer: RunAnswer
  readonly transfer: ArrayBuffer[]
}

/** The scheduler's side. */
export class RunChannel {
  readonly #port: WorkerPort
  readonly #waiting = new Map<number, (answer: RunAnswer) => void>()
  #calls = 0

  constructor(port: WorkerPort) {
    this.#port = port
    port.addEventListener('message', event => {
      const message = (event as MessageEvent<RanMessage | null>).data
      if (typeof message?.ran !== 'number') return
      this.#waiting.get(message.ran)?.(message.answer)
      this.#waiting.delete(message.ran)
    })
  }

  run(tasks: readonly PostedTask[], transfer: Transferable[]): Promise<RunAnswer> {
    const run = this.#calls++
    return new Promise(resolve => {
      this.#port.postMessage({ run, tasks } satisfies RunMessage, transfer)
      this.#waiting.set(run, resolve)
    })
  }
}

/** The worker's side: answers each call as soon as it comes. */
export function answerRuns(endpoint: Endpoint, run: (tasks: readonly PostedTask[]) => RunReply): void {
  endpoint.addEventListener('message', event => {
    const message = (event as MessageEvent<RunMessage | null>).data
    if (typeof message?.run !== 'number') return
    const { answer, transfer } = run(message.tasks)
    endpoint.postMessage({ ran: message.run, answer } satisfies RanMessage, transfer)
  })
}
