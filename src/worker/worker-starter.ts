/**
 * Starts workers: from the file, else from its inline copy. A worker counts as started when it has answered the handshake;
 * until then it may fail to load, end, or stay silent.
 * Invariant: the first way that worked is the one that is used from then on; several workers may try at once.
 */
import { messageOf } from '../base/errors.js'
import type { PlatformPort, WorkerFile, WorkerPort } from '../base/platform-port.js'
import type { Clock } from '../base/ports.js'
import { CallChannel } from './call-channel.js'
import { PROTOCOL_VERSION, valueOf } from './protocol.js'

/** A worker that has answered. */
export interface StartedWorker {
  readonly port: WorkerPort
  readonly calls: CallChannel
}

/** Longest time from the start of a worker to its answer. */
export const HANDSHAKE_MS = 10_000

export class WorkerStarter {
  readonly #clock: Clock
  readonly #files: readonly WorkerFile[]
  /** The way that worked first. */
  #found: WorkerFile | null = null

  constructor(platform: PlatformPort, files: readonly WorkerFile[]) {
    this.#clock = platform.clock
    this.#files = files
  }

  /** Where the workers come from; before the first one was started, where it will be tried first. */
  get source(): WorkerFile['source'] | null {
    return (this.#found ?? this.#files[0])?.source ?? null
  }

  /**
   * @param failures takes a line for each try that failed, but for what stands there already.
   * @throws Error when no way worked.
   */
  async start(failures: string[]): Promise<StartedWorker> {
    let last: unknown = new Error('this host has no workers')
    for (const file of this.#files) {
      if (this.#found && this.#found !== file) continue
      try {
        const worker = await this.#startFrom(file)
        this.#found ??= file
        return worker
      } catch (error) {
        const failure = `worker, ${file.source}: ${messageOf(error)}`
        if (!failures.includes(failure)) failures.push(failure)
        last = error
      }
    }
    throw last
  }

  async #startFrom(file: WorkerFile): Promise<StartedWorker> {
    const port = await file.start()
    try {
      return { port, calls: await this.#handshake(port) }
    } catch (error) {
      port.terminate()
      throw error
    }
  }

  #handshake(port: WorkerPort): Promise<CallChannel> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimer(HANDSHAKE_MS, () => reject(new Error(`it did not answer within ${HANDSHAKE_MS} ms`)))
      const settle = (outcome: () => void): void => {
        timer.cancel()
        outcome()
      }
      port.onLost(reason => settle(() => reject(new Error(reason))))
      const calls = new CallChannel(port)
      calls.call('hello', []).then(answer => settle(() => {
        const version = valueOf(answer)
        if (version === PROTOCOL_VERSION) resolve(calls)
        else reject(new Error(`it speaks protocol ${version}, this is ${PROTOCOL_VERSION}: the worker file is of another build`))
      })).catch(reject)
    })
  }
}
