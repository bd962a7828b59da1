/**
 * The one error type of Millrace. Every room throws it; nothing else is thrown on purpose.
 * Invariant: the message names the values (the column that is missing and those that are there), and `code` says what the
 * caller can do about it.
 */

/** What went wrong, by what the caller has to do. */
export type ErrorCode =
  /** A column, type, option or verb is used wrongly; thrown while the pipeline is built. Fix the program. */
  | 'INVALID_PIPELINE'
  /** An option has a value that is out of range or of the wrong type. Fix the program. */
  | 'INVALID_OPTION'
  /** The verb does not fit the state of the context (started twice, stopped). Fix the program. */
  | 'INVALID_STATE'
  /** Input that does not follow the format or the schema, under `onBadRecord: 'fail'`. Fix the data or the policy. */
  | 'BAD_RECORD'
  /** A source could not be opened or ended in an error that reconnecting did not cure. */
  | 'SOURCE_FAILED'
  /** A sink or an output function threw. */
  | 'SINK_FAILED'
  /** A task failed on all its attempts. */
  | 'TASK_FAILED'
  /** A worker ended while it held tasks or state; retried by the scheduler. */
  | 'WORKER_LOST'
  /** This runtime cannot do what was asked (no WebSocket, no WebAssembly, …). */
  | 'UNSUPPORTED'
  /** Millrace itself is at fault; please report it. */
  | 'INTERNAL'

/** Where in a running job the error arose; only what is known is set. */
export interface ErrorPlace {
  readonly source?: string
  readonly batchId?: number
  readonly stageId?: number
  readonly taskIndex?: number
  readonly partitionIndex?: number
  /** Byte or row offset in the source. */
  readonly offset?: number
}

export class MillraceError extends Error {
  override readonly name = 'MillraceError'
  readonly code: ErrorCode
  readonly where: ErrorPlace

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; where?: ErrorPlace } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.where = options.where ?? {}
  }
}

/** States a fact that only a fault of Millrace itself can break. Never caught in order to continue. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new MillraceError('INTERNAL', `${message}. This is a fault of Millrace, not of your program.`)
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A list of names for a message: `'a', 'b' and 'c'`. */
export function quoteNames(names: readonly string[]): string {
  const quoted = names.map(name => `'${name}'`)
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`
}
