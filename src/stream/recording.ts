/**
 * What a lambda did while it ran: the columns it read and the conditions it made. JavaScript cannot overload `===`, `&&`, `!`,
 * `?:` or `if`; but a column or condition that went into one of them is not part of the lambda's result, and that can be seen
 * here. (Not so with `a || b`: it gives `a`, and `b` is never run.)
 * Invariant: at most one recording per lambda call, nested calls stack.
 */
import { MillraceError } from '../base/errors.js'
import { invalid } from '../plan/invalid.js'
import type { Expression } from '../plan/expression.js'
import { expressionText } from '../plan/expression-text.js'

export interface Recording {
  /** Which verb's lambda, for messages. */
  readonly verb: string
  /** The symbolic row; set once it is made, since it notes here what is read of it. */
  row: unknown
  /** Columns of this call's row. */
  readonly columns: Set<Expression>
  readonly conditions: Set<Expression>
  /** The row was spread or its keys listed: then columns may well be left over. */
  isEnumerated: boolean
}

const recordings: Recording[] = []

/** The lambda call that is under way, or null. */
export function currentRecording(): Recording | null {
  return recordings.at(-1) ?? null
}

/** Notes an expression as made by the lambda under way. */
export function recordExpression(expression: Expression): void {
  const recording = currentRecording()
  if (expression.kind === 'call' && expression.type === 'bool') recording?.conditions.add(expression)
}

/** Runs `body` while everything it makes is noted in `recording`. */
export function recorded<T>(recording: Recording, body: () => T): T {
  recordings.push(recording)
  try {
    return body()
  } finally {
    recordings.pop()
  }
}

/**
 * Checks that what the lambda made is part of what it returned, and that it returned nothing of another lambda's row.
 * @throws MillraceError INVALID_PIPELINE saying which operator was probably used and what to write.
 */
export function checkRecording(
  recording: Recording, results: readonly Expression[], optionalColumns: ReadonlySet<Expression>
): void {
  const reached = new Set<Expression>()
  results.forEach(result => reach(result, reached))
  for (const expression of reached) {
    if (expression.kind === 'column' && !recording.columns.has(expression)) {
      throw invalid(
        `${recording.verb}: column '${expression.name}' is of another lambda's row; use the row that this lambda is given.`
      )
    }
  }
  const isForgotten = (column: Expression): boolean => !reached.has(column) && !optionalColumns.has(column)
  const unused = [...recording.conditions].find(condition => !reached.has(condition)) ??
    (recording.isEnumerated ? undefined : [...recording.columns].find(isForgotten))
  if (unused) throw unusedError(recording.verb, unused)
}

function reach(expression: Expression, reached: Set<Expression>): void {
  reached.add(expression)
  if (expression.kind === 'cast') reach(expression.arg, reached)
  if (expression.kind === 'call') for (const arg of expression.args) reach(arg, reached)
}

function unusedError(verb: string, unused: Expression): MillraceError {
  return invalid(
    `${verb}: the lambda makes ${expressionText(unused)} but what it returns does not use it. ` +
    'If it stands beside &&, ||, !, ===, ?: or in an if: these do not work on symbolic values. ' +
    'Write a.and(b), a.or(b), a.not(), a.eq(b), when(c, a).otherwise(b). Otherwise leave it out.')
}
