/**
 * A row evaluator: the value of an expression for one row, in plain JavaScript. The optimizer folds constants with it, and tests
 * check plans with it; rows at run time go through the kernels, with which it agrees.
 * Invariant: what it cannot compute exactly as the kernels do (text to number, hashes, letters beyond ASCII) it leaves:
 * `undefined`.
 */
import type { Expression, LiteralValue } from './expression.js'
import { evaluateCast } from './evaluate-cast.js'
import { compareValues, evaluateCall } from './evaluate-call.js'

/** undefined: not computed here. */
export type Evaluated = LiteralValue | undefined

/** Where the values of columns and parameters come from. */
export interface Environment {
  column(name: string): Evaluated
  parameter(expression: Extract<Expression, { kind: 'parameter' }>): Evaluated
  /** Computes calls that are left here; undefined where it cannot either. */
  call?(call: Extract<Expression, { kind: 'call' }>, values: readonly NonNullable<LiteralValue>[]): Evaluated
}

/** Neither columns nor parameters: only constants have a value. */
export const NO_ROW: Environment = Object.freeze({ column: () => undefined, parameter: () => undefined })

export function evaluate(expression: Expression, row: Environment): Evaluated {
  switch (expression.kind) {
    case 'literal': return expression.value
    case 'column': return row.column(expression.name)
    case 'parameter': return row.parameter(expression)
    case 'cast': {
      const value = evaluate(expression.arg, row)
      return value === undefined || value === null ? value : evaluateCast(value, expression.arg.type, expression.type)
    }
    case 'call': return evaluateArguments(expression, row)
  }
}

/** Functions with a null rule of their own come first; all others are null if an argument is. */
function evaluateArguments(call: Extract<Expression, { kind: 'call' }>, row: Environment): Evaluated {
  const values = call.args.map(arg => evaluate(arg, row))
  const [a, b, c] = values
  switch (call.fn) {
    case 'and': return logic(a, b, false)
    case 'or': return logic(a, b, true)
    case 'isNull': return a === undefined ? undefined : a === null
    case 'if': return a === undefined ? undefined : a === true ? b : c
    case 'coalesce': return coalesce(values)
    case 'least': return extreme(values, order => order > 0)
    case 'greatest': return extreme(values, order => order < 0)
    // A hash is never null, and only the kernels compute it.
    case 'hash': return undefined
    case 'clamp': return a === undefined || b === undefined || c === undefined ? undefined : clamp(a, b, c)
  }
  if (values.includes(undefined)) return undefined
  if (values.includes(null)) return null
  const present = values as NonNullable<LiteralValue>[]
  const value = evaluateCall(call, present)
  return value === undefined ? row.call?.(call, present) : value
}

/** Kleene's and (decisive false) and or (decisive true). */
function logic(a: Evaluated, b: Evaluated, decisive: boolean): Evaluated {
  if (a === decisive || b === decisive) return decisive
  if (a === undefined || b === undefined) return undefined
  return a === null || b === null ? null : !decisive
}

function coalesce(values: readonly Evaluated[]): Evaluated {
  for (const value of values) if (value !== null) return value
  return null
}

/** The one value that no other replaces; of equal ones the first; nulls are passed over. */
function extreme(values: readonly Evaluated[], replaces: (order: number) => boolean): Evaluated {
  let found: LiteralValue = null
  for (const value of values) {
    if (value === undefined) return undefined
    if (value !== null && (found === null || replaces(compareValues(found, value)))) found = value
  }
  return found
}

/** A null bound does not bound; NaN stays NaN. */
function clamp(value: LiteralValue, low: LiteralValue, high: LiteralValue): LiteralValue {
  if (value === null || Number.isNaN(value)) return value
  if (low !== null && compareValues(value, low) < 0) return low
  return high !== null && compareValues(value, high) > 0 ? high : value
}
