/**
 * The port through which the engine finds its kernels and workers: a platform (browser, Node, memory) names the places to
 * try, in order; trying them, the handshake and the fallbacks are the same everywhere and live in worker/.
 * Invariant: a platform decides nothing; every `load` and `start` may fail.
 */
import type { Clock, Storage } from './ports.js'

/** One end of the line between page and worker. */
export interface MessageEnd {
  postMessage(message: unknown, transfer?: Transferable[]): void
  /** Calls `listener` with each message from the other end. */
  onMessage(listener: (message: unknown) => void): void
}

/** A running worker: its line, and word of its end. */
export interface WorkerPort extends MessageEnd {
  /** Calls `callback` when the worker failed to load, threw outside of a task, or ended; perhaps more than once. */
  onLost(callback: (reason: string) => void): void
  terminate(): void
  /** Resolves when its thread does not run any more, after it was lost or terminated. */
  hasEnded(): Promise<void>
}

/** A build of the kernels; `reference` is the twin. */
export type KernelKind = 'simd' | 'scalar' | 'reference'

/**
 * A module of the kernels. `kernels`: programs, groups and joins, for every plan; `decoders`: JSON and CSV to columns;
 * `functions`: instructions that few programs have, of integers, choices, elementary functions, times and text.
 */
export type KernelPart = 'kernels' | 'decoders' | 'functions'

/** A place where a module of the kernels may be. */
export interface KernelFile {
  readonly source: 'file' | 'inline' | 'url'
  load(): Promise<BufferSource>
}

/** A way to start a worker. */
export interface WorkerFile {
  readonly source: 'file' | 'inline' | 'url' | 'custom'
  start(): WorkerPort | Promise<WorkerPort>
}

/** Places that the user named; they are then the only ones. */
export interface WorkerChoice {
  readonly workerUrl?: string | URL
  readonly createWorker?: () => unknown
}

export interface PlatformPort {
  readonly name: string
  readonly clock: Clock
  /** Cores of the machine as far as the host tells. */
  readonly cores: number
  /** A SharedArrayBuffer can be posted to a worker. */
  readonly canShareMemory: boolean
  /** Lets the host do its own work (paint, input, timers) and comes back. */
  yieldToHost(): Promise<void>
  /** Where a query logs its batches; null: nowhere, since nothing here would outlive the query. */
  createStorage(): Storage | null
  /** @param wasmUrl where the user has the module `kernels`; the others are beside it. */
  kernelFiles(part: KernelPart, kind: 'simd' | 'scalar', wasmUrl: string | URL | undefined): readonly KernelFile[]
  /** Empty where the host has no workers. The twin has worker files of its own; a user's worker does not have it. */
  workerFiles(choice: WorkerChoice, kernels: KernelKind): readonly WorkerFile[]
}
