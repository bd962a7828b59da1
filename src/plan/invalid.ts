/**
 * The two errors that building a pipeline can end in; both are thrown at the user's line.
 */
import { MillraceError } from '../base/errors.js'

/** A column, type or verb is used wrongly. */
export function invalid(message: string): MillraceError {
  return new MillraceError('INVALID_PIPELINE', message)
}

/** An option of a verb is out of range or of the wrong type. */
export function invalidOption(message: string): MillraceError {
  return new MillraceError('INVALID_OPTION', message)
}
