/**
 * Functions of text to vector instructions. Each keeps a memo of what it has answered in the task, since text comes as codes of
 * few distinct strings.
 */
import * as O from '../../assembly/portable/opcodes.js'
import { assert } from '../base/errors.js'
import type { ColumnType } from '../data/schema.js'
import type { FunctionName } from '../plan/expression.js'
import type { ProgramBuilder } from './program-builder.js'
import type { Register } from './program.js'

type Coerce = (builder: ProgramBuilder, value: Register, type: ColumnType) => Register

export function compileText(builder: ProgramBuilder, fn: FunctionName, args: readonly Register[], coerce: Coerce): Register {
  const [a, b, c] = args
  const text = (register: Register): Register => coerce(builder, register, 'utf8')
  switch (fn) {
    case 'lower': return builder.memoized(O.OP_LOWER, 'utf8', text(a!))
    case 'upper': return builder.memoized(O.OP_UPPER, 'utf8', text(a!))
    case 'trim': return builder.memoized(O.OP_TRIM, 'utf8', text(a!))
    case 'length': return builder.memoized(O.OP_LENGTH, 'i32', text(a!))
    case 'startsWith': return builder.memoized(O.OP_STARTS_WITH, 'bool', text(a!), text(b!))
    case 'endsWith': return builder.memoized(O.OP_ENDS_WITH, 'bool', text(a!), text(b!))
    case 'contains': return builder.memoized(O.OP_CONTAINS, 'bool', text(a!), text(b!))
    case 'concat': return args.map(text).reduce((left, right) => builder.memoized(O.OP_CONCAT, 'utf8', left, right))
    case 'substring': {
      const [start, end] = [coerce(builder, b!, 'i32'), coerce(builder, c!, 'i32')]
      return builder.pure(O.OP_SUBSTRING, 'utf8', text(a!), start, end)
    }
    default: return assert(false, `no instruction for ${fn}`) as never
  }
}
