/**
 * Calls to a worker: one message down with the method's name and its arguments, one up with the answer.
 * Invariant: a call whose worker is lost never settles here (the pool settles it); messages of others on the port are let pass.
 */
import type { MessageEnd } from '../base/platform-port.js'
import type { Answer, Reply, ValueOf, WorkerApi } from './protocol.js'

type Method = keyof WorkerApi

interface CallMessage {
  readonly call: number
  readonly method: Method
  readonly args: readonly unknown[]
}

interface AnswerMessage {
  readonly answered: number
  readonly answer: Answer<unknown>
}

/** The scheduler's side. */
export class CallChannel {
  readonly #port: MessageEnd
  readonly #waiting = new Map<number, (answer: Answer<unknown>) => void>()
  #calls = 0

  constructor(port: MessageEnd) {
    this.#port = port
    port.onMessage(message => {
      const { answered, answer } = (message ?? {}) as Partial<AnswerMessage>
      if (answered === undefined) return
      this.#waiting.get(answered)?.(answer!)
      this.#waiting.delete(answered)
    })
  }

  call<M extends Method>(method: M, args: Parameters<WorkerApi[M]>, transfer: Transferable[] = []): Promise<Answer<ValueOf<M>>> {
    const call = this.#calls++
    return new Promise(resolve => {
      this.#port.postMessage({ call, method, args } satisfies CallMessage, transfer)
      this.#waiting.set(call, resolve as (answer: Answer<unknown>) => void)
    })
  }
}

/** The worker's side: answers each call as soon as it comes. */
export function answerCalls(port: MessageEnd, api: WorkerApi): void {
  port.onMessage(message => {
    const { call, method, args = [] } = (message ?? {}) as Partial<CallMessage>
    if (call === undefined) return
    const { answer, transfer } = (api[method!] as (...given: readonly unknown[]) => Reply<unknown>)(...args)
    port.postMessage({ answered: call, answer } satisfies AnswerMessage, transfer)
  })
}
