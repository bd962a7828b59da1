/**
 * Builds programs: the compiler's and the group compiler's way to emit instructions. Values are numbered as they come; `build`
 * then lets those that are never alive together share a register.
 * Invariant: the same pure instruction over the same operands is emitted once (common subexpressions cost nothing).
 */
import { MEMO_BYTES, OP_COLLECT, OP_END_ROWS, OP_TIME_RANGE } from '../../assembly/portable/opcodes.js'
import { assert } from '../base/errors.js'
import { VALUE_BYTES, type ColumnType, type Field, type Schema } from '../data/schema.js'
import type { Expression, LiteralValue, NamedExpression } from '../plan/expression.js'
import { compileExpression, coerce } from './expression-compiler.js'
import type { Instruction, Operand, Program, Register, RegisterSource, TablePart } from './program.js'
import { withSuperInstructions } from './super-instructions.js'

const OPERANDS_MAX = 6
const OPERAND_VALUE_MAX = 65_535
const TIME_RANGE_BYTES = 16

/** What a column name stands for: a value, or an expression over an earlier scope that is compiled when somebody asks for it. */
type Binding = Register | { readonly expression: Expression; readonly scope: Scope } | { readonly emit: () => Register }
type Scope = Map<string, Binding>

export class ProgramBuilder {
  readonly #inputSchema: Schema
  readonly #sources: RegisterSource[] = []
  readonly #instructions: Instruction[] = []
  readonly #outputs: Field[] = []
  readonly #watermarkIds: number[] = []
  /** Registers by what is in them. */
  readonly #known = new Map<string, Register>()
  #scope: Scope = new Map()

  /** The input's columns are in scope by name. */
  constructor(inputSchema: Schema) {
    this.#inputSchema = inputSchema
    for (const { name, type } of inputSchema) this.#scope.set(name, this.#register({ kind: 'input', type, name }))
  }

  /** The column named `name` in the present scope. */
  column(name: string): Register {
    const binding = this.#scope.get(name)
    assert(binding, `there is no column '${name}'`)
    const outer = this.#scope
    if ('id' in binding) return binding
    if ('emit' in binding) {
      const register = binding.emit()
      outer.set(name, register)
      return register
    }
    this.#scope = binding.scope
    const register = this.expression(binding.expression)
    this.#scope = outer
    outer.set(name, register)
    return register
  }

  /** Replaces the scope by these columns. Each is computed when it is first used, so what nobody uses costs nothing. */
  project(columns: readonly NamedExpression[]): void {
    const scope = this.#scope
    this.#scope = new Map(columns.map(({ name, expression }) => [name, { expression, scope }]))
  }

  /** Adds a column to the scope; what it is made of is emitted when it is first used. */
  bind(name: string, emit: () => Register): void {
    this.#scope = new Map(this.#scope).set(name, { emit })
  }

  /** The register that holds an expression over the columns in scope; its type is the expression's. */
  expression(expression: Expression): Register {
    return coerce(this, compileExpression(this, expression), expression.type)
  }

  /** A register that holds a literal in every row; null is a literal too. */
  constant(value: LiteralValue, type: ColumnType): Register {
    const text = Object.is(value, -0) ? '-0' : String(value)
    return this.#knownOr(`constant ${type} ${value === null ? 'null' : `=${text}`}`, () => ({ kind: 'constant', type, value }))
  }

  parameter(expression: Extract<Expression, { kind: 'parameter' }>): Register {
    const { name, operatorId } = expression
    return this.#knownOr(`parameter ${name} ${operatorId}`, () => ({ kind: 'parameter', type: 'timestamp', name, operatorId }))
  }

  /** The key that decides a sample: from the seed and the batchId. */
  sampleKey(seed: number): Register {
    return this.#register({ kind: 'sampleKey', type: 'i32', seed })
  }

  /** The address of something of a table. */
  table(part: TablePart, type: ColumnType): Register {
    return this.#knownOr(`table ${JSON.stringify(part)}`, () => ({ kind: 'table', type, part }))
  }

  /** Memory of an instruction's own for the length of a task: zeros, but for the f64 at its start. */
  buffer(bytes: number, f64 = 0): Register {
    return this.#register({ kind: 'buffer', type: 'f64', bytes, f64 })
  }

  /** The range of a time vector, in a buffer: two f64. */
  timeRange(time: Register): Register {
    const key = `time range ${time.id}`
    let range = this.#known.get(key)
    if (!range) {
      this.#known.set(key, range = this.buffer(TIME_RANGE_BYTES))
      this.emit(OP_TIME_RANGE, range, time)
    }
    return range
  }

  /** A new register for one vector of `type`; it lives from its first to its last mention in an instruction. */
  temporary(type: ColumnType): Register {
    return this.#register({ kind: 'temporary', type })
  }

  /** Appends an instruction. A Register names a register, a number stands for itself. */
  emit(op: number, dst: Operand, ...operands: readonly Operand[]): void {
    const fits = operands.every(operand => typeof operand !== 'number' || (operand >= 0 && operand <= OPERAND_VALUE_MAX))
    assert(fits && operands.length <= OPERANDS_MAX, `operands of instruction ${op}`)
    this.#instructions.push({ op, dst, operands })
  }

  /** The register of `op` over operands; emitted unless that value is there already. Only for instructions without effect. */
  pure(op: number, type: ColumnType, ...operands: readonly Operand[]): Register {
    return this.#pure(op, type, operands, false)
  }

  /** The same for an instruction whose last operand is a memo. */
  memoized(op: number, type: ColumnType, ...operands: readonly Operand[]): Register {
    return this.#pure(op, type, operands, true)
  }

  #pure(op: number, type: ColumnType, operands: readonly Operand[], memo: boolean): Register {
    const key = `${op} ${type} ${operands.map(operand => typeof operand === 'number' ? `#${operand}` : operand.id).join(' ')}`
    const known = this.#known.get(key)
    if (known) return known
    const dst = this.temporary(type)
    this.emit(op, dst, ...operands, ...(memo ? [this.buffer(MEMO_BYTES)] : []))
    this.#known.set(key, dst)
    return dst
  }

  /** Appends the selected rows of a register to the output as its next column. */
  collect(field: Field, value: Register): void {
    const isFloat = field.type === 'f64' || field.type === 'f32' || field.type === 'timestamp'
    this.emit(OP_COLLECT, 0, value, this.#outputs.length, Number(isFloat))
    this.#outputs.push(field)
  }

  /** Counts the selected rows as having reached the terminal; to be emitted once, after the last `collect`. */
  endRows(): void {
    this.emit(OP_END_ROWS, 0)
  }

  /** The slot for the largest event time of a watermark. */
  maxTimeSlot(watermarkId: number): number {
    const slot = this.#watermarkIds.indexOf(watermarkId)
    return slot >= 0 ? slot : this.#watermarkIds.push(watermarkId) - 1
  }

  build(): Program {
    return Object.freeze({
      inputSchema: this.#inputSchema,
      ...assignRegisters(this.#sources, withSuperInstructions(this.#instructions)),
      outputSchema: this.#outputs,
      watermarkIds: this.#watermarkIds,
    })
  }

  #register(source: RegisterSource): Register {
    this.#sources.push(source)
    return { id: this.#sources.length - 1, type: source.type }
  }

  #knownOr(key: string, source: () => RegisterSource): Register {
    let register = this.#known.get(key)
    if (!register) this.#known.set(key, register = this.#register(source()))
    return register
  }
}

/** Gives every value a register: its own, or for temporaries one of its width that is free from the first to the last mention. */
function assignRegisters(
  sources: readonly RegisterSource[], code: readonly Instruction[],
): Pick<Program, 'registers' | 'instructions'> {
  const registers: RegisterSource[] = []
  const assigned = new Map<number, number>()
  sources.forEach((source, id) => {
    if (source.kind !== 'temporary') assigned.set(id, registers.push(source) - 1)
  })
  const lastUse = new Map<number, number>()
  const valuesOf = ({ dst, operands }: Instruction): Register[] =>
    [dst, ...operands].filter(operand => typeof operand !== 'number')
  code.forEach((instruction, at) => { for (const { id } of valuesOf(instruction)) lastUse.set(id, at) })
  const freeByWidth = new Map<number, number[]>()
  const instructions = code.map((instruction, at): Instruction => {
    const values = valuesOf(instruction)
    for (const { id, type } of values) {
      if (assigned.has(id)) continue
      assigned.set(id, freeByWidth.get(VALUE_BYTES[type])?.pop() ?? registers.push({ kind: 'temporary', type }) - 1)
    }
    // Freed only now: an instruction never writes a register that it reads.
    for (const [index, { id, type }] of values.entries()) {
      const isTemporary = sources[id]!.kind === 'temporary'
      if (!isTemporary || lastUse.get(id) !== at || values.findIndex(value => value.id === id) !== index) continue
      const width = VALUE_BYTES[type]
      freeByWidth.set(width, [...freeByWidth.get(width) ?? [], assigned.get(id)!])
    }
    const place = (operand: Operand): Operand =>
      typeof operand === 'number' ? operand : { id: assigned.get(operand.id)!, type: operand.type }
    return { op: instruction.op, dst: place(instruction.dst), operands: instruction.operands.map(place) }
  })
  return { registers, instructions }
}
