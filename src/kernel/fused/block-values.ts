/**
 * A block of instructions as a graph of values: what each register holds is resolved, so that temporaries need no memory.
 * Invariant: a value is an operand's content at the place where it is read, whatever its register holds later.
 */
import * as O from '../../../assembly/portable/opcodes.js'
import type { ColumnType } from '../../data/schema.js'
import type { LiteralValue } from '../../plan/expression.js'
import type { Instruction, Operand, Program } from '../program.js'

export type Value =
  /** A register's vector: an input column or what an earlier instruction left. */
  | { readonly kind: 'vector'; readonly id: number; readonly type: ColumnType; readonly register: number }
  /** A register that holds one value in every row, known only when the task runs. */
  | { readonly kind: 'scalar'; readonly id: number; readonly type: ColumnType; readonly register: number }
  | { readonly kind: 'constant'; readonly id: number; readonly type: ColumnType; readonly value: LiteralValue }
  | OperationValue

export interface OperationValue {
  readonly kind: 'operation'
  readonly id: number
  readonly type: ColumnType
  readonly op: number
  readonly args: readonly Value[]
}

export interface BlockValues {
  /** Predicates of the block's filters, in order. */
  readonly filters: readonly Value[]
  /** Registers that later instructions read, and what they must hold. */
  readonly stores: readonly { readonly register: number; readonly value: OperationValue }[]
  /** What is summed up in the one group, and where in its state. */
  readonly sums: readonly { readonly value: Value; readonly offset: number }[]
  /** Everything that the block computes. */
  readonly operations: readonly OperationValue[]
  /** Registers from outside whose vectors it reads. */
  readonly vectors: readonly number[]
}

/** Instructions [first, end) of a program, and the sums of the one group that stand behind them. */
export interface BlockRange {
  readonly first: number
  readonly end: number
  readonly sums: readonly Instruction[]
}

export function valuesOf(program: Program, { first, end, sums }: BlockRange): BlockValues {
  const current = new Map<number, Value>()
  const filters: Value[] = []
  const operations: OperationValue[] = []
  const vectors: number[] = []
  let nextId = 0
  const read = (operand: Operand): Value => {
    if (typeof operand === 'number') throw new TypeError(`operand #${operand} of a fused instruction is no register`)
    let value = current.get(operand.id)
    if (!value) {
      current.set(operand.id, value = outerValue(program, operand, nextId++))
      if (value.kind === 'vector') vectors.push(value.register)
    }
    // The same bytes may be read as another type: a timestamp as f64.
    return value.type === operand.type ? value : { ...value, type: operand.type }
  }
  const compute = (op: number, type: ColumnType, operands: readonly Operand[]): OperationValue => {
    const value: OperationValue = { kind: 'operation', id: nextId++, type, op, args: operands.map(read) }
    operations.push(value)
    return value
  }
  for (const { op, dst, operands } of program.instructions.slice(first, end)) {
    if (op === O.OP_FILTER) filters.push(read(operands[0]!))
    else if (op === O.OP_FILTER_COMPARED) filters.push(compute(operands[2] as number, 'bool', operands.slice(0, 2)))
    else if (typeof dst === 'number') throw new TypeError(`instruction ${op} has no result`)
    else current.set(dst.id, compute(op, dst.type, operands))
  }
  const stores = [...current].flatMap(([register, value]) =>
    value.kind === 'operation' && isReadFrom(program.instructions, end, register) ? [{ register, value }] : [])
  const summed = sums.map(({ dst, operands }) => ({ value: read(operands[0]!), offset: dst as number }))
  return { filters, stores, sums: summed, operations, vectors }
}

/** What a register holds that the block does not write. */
export function outerValue(program: Program, { id: register, type }: Exclude<Operand, number>, id: number): Value {
  const source = program.registers[register]!
  if (source.kind === 'constant' && (source.value === null || source.type !== 'utf8')) {
    return { kind: 'constant', id, type, value: source.value }
  }
  const isScalar = source.kind === 'constant' || source.kind === 'parameter' || source.kind === 'sampleKey'
  return { kind: isScalar ? 'scalar' : 'vector', id, type, register }
}

/** Whether an instruction from `start` on reads what the register holds there. */
function isReadFrom(instructions: readonly Instruction[], start: number, register: number): boolean {
  for (const { dst, operands } of instructions.slice(start)) {
    if (operands.some(operand => typeof operand !== 'number' && operand.id === register)) return true
    if (typeof dst !== 'number' && dst.id === register) return false
  }
  return false
}
