/**
 * Runs a branch's program over a task's columns: frame, registers and constants in kernel memory, one kernel call per task.
 * Invariant: what a run leaves behind is in its scope and in what it returns; the rest is set anew when the next one begins.
 */
import * as L from '../../assembly/portable/layout.js'
import { takesScalars } from '../../assembly/portable/opcodes.js'
import { assert } from '../base/errors.js'
import { validityBytes } from '../data/column.js'
import { VALUE_BYTES, type ColumnType } from '../data/schema.js'
import type { LiteralValue } from '../plan/expression.js'
import type { BranchFigures, OperatorWatermarks } from '../plan/task.js'
import type { ArenaScope } from './arena.js'
import { fuseProgram } from './fused/fused-program.js'
import type { KernelColumns } from './kernel-columns.js'
import type { KernelSet } from './kernel-set.js'
import type { KernelMemory } from './memory.js'
import type { CompiledBranch, Instruction, ProgramBlock, RegisterSource, TablePart } from './program.js'
import { combineHash, mixHash } from './reference/hash.js'
import type { TextTable } from './text-table.js'

/** Where things of tables lie in kernel memory. */
export interface TableParts {
  placeOf(part: TablePart): { readonly values: number; readonly validity: number }
}

/** What a task sets for its run of a branch. */
export interface BranchRun {
  /** Watermarks by operatorId. */
  readonly parameters: Readonly<Record<number, OperatorWatermarks>>
  readonly batchId: number
  /** Ordinal in the source of the task's first row. */
  readonly firstOrdinal: number
  /** The tables that the branch joins with, as the task sees them. */
  readonly tables?: TableParts
  /** Descriptor of the terminal's group table. */
  readonly groupTable?: number
}

export interface BranchResult {
  readonly figures: Omit<BranchFigures, 'multiplied'> & { readonly overflows: number }
  /** By watermarkId; absent where no row had a time. */
  readonly maxEventTimeMs: Readonly<Record<number, number>>
  /** The rows collected, in the scope's memory; null when the branch collects none (it groups). */
  readonly output: KernelColumns | null
}

const CODE_UNITS = 8
const SELECTION_BYTES = (L.VECTOR_ROWS + 8) * 2
const FIGURE_BYTES = 8

/** Rows after which a program is worth functions of its own: compiling costs what they save on some of them. */
const HOT_ROWS = 32_768

/** Functions for blocks of a program, and the rows after which they are put to use. */
export interface SecondTier {
  readonly blocks: readonly ProgramBlock[]
  readonly afterRows?: number
}

export class BranchProgram {
  readonly #set: KernelSet
  readonly #compiled: CompiledBranch
  readonly #text: TextTable
  readonly #ptrs: number[] = []
  readonly #frame: number
  readonly #registers: number
  readonly #figures: number
  readonly #maxTimes: number
  readonly #outputs: number
  readonly #code: number
  readonly #blocks: readonly ProgramBlock[]
  readonly #scalars: ReadonlySet<number>
  #rowsUntilFused: number

  /**
   * @param text the text table of the tasks that will run; reset by its owner between them.
   */
  constructor(set: KernelSet, compiled: CompiledBranch, text: TextTable, secondTier: SecondTier = { blocks: [] }) {
    this.#set = set
    this.#compiled = compiled
    this.#blocks = secondTier.blocks
    this.#scalars = scalarsOf(compiled)
    this.#rowsUntilFused = secondTier.afterRows ?? HOT_ROWS
    this.#text = text
    const { memory } = set
    const { registers, instructions, inputSchema, outputSchema, watermarkIds } = compiled
    this.#frame = this.#allocate(L.FRAME_BYTES)
    this.#registers = this.#allocate(registers.length * L.REGISTER_BYTES)
    this.#figures = this.#allocate(L.FIGURE_COUNT * FIGURE_BYTES)
    this.#maxTimes = this.#allocate(watermarkIds.length * 8)
    this.#outputs = this.#allocate(outputSchema.length * L.OUTPUT_BYTES)
    // Room for the blocks' own instructions too: nothing is allocated once tasks run.
    this.#code = this.#allocate(2 * instructions.length * L.INSTRUCTION_BYTES)
    this.#setProgram(instructions)
    this.#setFrame(L.FRAME_REGISTERS, this.#registers)
    this.#setFrame(L.FRAME_REGISTER_COUNT, registers.length)
    this.#setFrame(L.FRAME_INPUT_COUNT, inputSchema.length)
    this.#setFrame(L.FRAME_TEXT_TABLE, text.ptr)
    this.#setFrame(L.FRAME_SELECTION, this.#allocate(SELECTION_BYTES))
    this.#setFrame(L.FRAME_OUTPUTS, this.#outputs)
    this.#setFrame(L.FRAME_FIGURES, this.#figures)
    this.#setFrame(L.FRAME_SCRATCH, this.#allocate(L.SCRATCH_BYTES))
    this.#setFrame(L.FRAME_MAX_TIMES, this.#maxTimes)
    const allValid = this.#allocate(L.VECTOR_VALIDITY_BYTES)
    memory.u8.fill(255, allValid, allValid + L.VECTOR_VALIDITY_BYTES)
    this.#setFrame(L.FRAME_ALL_VALID, allValid)
    registers.forEach((source, index) => this.#prepareRegister(source, index))
  }

  /** Runs the program over `input`; its output columns are allocated in `scope`. */
  run(scope: ArenaScope, input: KernelColumns, run: BranchRun): BranchResult {
    const { memory, kernels } = this.#set
    const { registers, outputSchema, watermarkIds } = this.#compiled
    input.columns.forEach(({ values, validity }, index) => {
      this.#setRegister(index, L.REGISTER_VALUES, values)
      this.#setRegister(index, L.REGISTER_VALIDITY, validity)
    })
    registers.forEach((source, index) => this.#beginRegister(source, index, run))
    outputSchema.forEach(({ type }, index) => {
      const output = this.#outputs + index * L.OUTPUT_BYTES
      memory.write(output + L.OUTPUT_WIDTH, VALUE_BYTES[type])
      memory.write(output + L.OUTPUT_NULL_COUNT, 0)
      const values = scope.allocate(input.numRows * VALUE_BYTES[type])
      memory.write(output + L.OUTPUT_VALUES, values)
      memory.write(output + L.OUTPUT_VALIDITY, scope.allocateZeroed(validityBytes(input.numRows)))
    })
    this.#setFrame(L.FRAME_OUTPUT_ROWS, 0)
    this.#setFrame(L.FRAME_GROUP_TABLE, run.groupTable ?? 0)
    memory.f64[(this.#frame + L.FRAME_FIRST_ORDINAL) >>> 3] = run.firstOrdinal
    memory.f64.fill(0, this.#figures >>> 3, (this.#figures >>> 3) + L.FIGURE_COUNT)
    memory.f64.fill(-Infinity, this.#maxTimes >>> 3, (this.#maxTimes >>> 3) + watermarkIds.length)
    this.#rowsUntilFused -= input.numRows
    if (this.#rowsUntilFused <= 0) this.#fuse()
    kernels.runProgram(this.#frame, input.numRows)
    return { figures: this.#readFigures(input.numRows), maxEventTimeMs: this.#readMaxTimes(), output: this.#readOutput() }
  }

  free(): void {
    for (const ptr of this.#ptrs) this.#set.arena.free(ptr)
    this.#ptrs.length = 0
  }

  /** Puts the fused program in place of the first, if there is one; asked once. */
  #fuse(): void {
    this.#rowsUntilFused = Infinity
    const { blocks: loader } = this.#set
    const fused = loader && this.#blocks.length > 0 ? fuseProgram(this.#compiled.instructions, this.#blocks, loader) : null
    if (fused) this.#setProgram(fused)
  }

  #setProgram(instructions: readonly Instruction[]): void {
    instructions.forEach(({ op, dst, operands }, i) => {
      const units = [op, dst, ...operands].map(operand => typeof operand === 'number' ? operand : operand.id)
      this.#set.memory.u16.set(units, (this.#code >>> 1) + i * CODE_UNITS)
    })
    this.#setFrame(L.FRAME_PROGRAM, this.#code)
    this.#setFrame(L.FRAME_INSTRUCTION_COUNT, instructions.length)
  }

  #allocate(bytes: number): number {
    const ptr = this.#set.arena.allocateZeroed(Math.max(bytes, 1))
    this.#ptrs.push(ptr)
    return ptr
  }

  #setFrame(field: number, value: number): void {
    this.#set.memory.write(this.#frame + field, value)
  }

  #setRegister(index: number, field: number, value: number): void {
    this.#set.memory.write(this.#registers + index * L.REGISTER_BYTES + field, value)
  }

  #valuesOf(index: number): number {
    return this.#set.memory.read(this.#registers + index * L.REGISTER_BYTES + L.REGISTER_VALUES)
  }

  /** Gives a register its memory, and a constant that is not text its values. */
  #prepareRegister(source: RegisterSource, index: number): void {
    const isScalar = this.#scalars.has(index)
    this.#setRegister(index, L.REGISTER_STRIDE, isScalar ? 0 : VALUE_BYTES[source.type])
    if (source.kind === 'table' || source.kind === 'input') return
    const bytes = source.kind === 'buffer' ? source.bytes : isScalar ? L.SCALAR_BYTES : L.VECTOR_ROWS * VALUE_BYTES[source.type]
    this.#setRegister(index, L.REGISTER_VALUES, this.#allocate(bytes))
    if (source.kind === 'temporary') this.#setRegister(index, L.REGISTER_OWN_VALIDITY, this.#allocate(L.VECTOR_VALIDITY_BYTES))
    if (source.kind !== 'constant') return
    // All bits of a null's bitmap are 0, as allocated.
    if (source.value === null) this.#setRegister(index, L.REGISTER_VALIDITY, this.#allocate(L.VECTOR_VALIDITY_BYTES))
    else if (source.type !== 'utf8') this.#fill(index, source.type, source.value)
  }

  /** Sets what may differ from task to task. */
  #beginRegister(source: RegisterSource, index: number, run: BranchRun): void {
    const { memory } = this.#set
    const values = this.#valuesOf(index)
    switch (source.kind) {
      case 'constant': {
        if (source.type !== 'utf8' || source.value === null) return
        return this.#fill(index, 'i32', this.#text.intern(new TextEncoder().encode(String(source.value))))
      }
      case 'parameter': return this.#fill(index, 'f64', run.parameters[source.operatorId]?.[source.name] ?? -Infinity)
      case 'sampleKey': return this.#fill(index, 'i32', combineHash(mixHash(source.seed | 0), run.batchId | 0))
      case 'buffer':
        memory.u8.fill(0, values, values + source.bytes)
        memory.f64[values >>> 3] = source.f64
        return
      case 'table': return this.#beginTable(source.part, index, run)
      case 'input': case 'temporary': return
    }
  }

  /** Writes one value to all that a register has room for. */
  #fill(index: number, type: ColumnType, value: NonNullable<LiteralValue>): void {
    const bytes = this.#scalars.has(index) ? L.SCALAR_BYTES : L.VECTOR_ROWS * VALUE_BYTES[type]
    fillValues(this.#set.memory, this.#valuesOf(index), bytes, type, value)
  }

  #beginTable(part: TablePart, index: number, { tables }: BranchRun): void {
    assert(tables, 'no tables')
    const { values, validity } = tables.placeOf(part)
    this.#setRegister(index, L.REGISTER_VALUES, values)
    this.#setRegister(index, L.REGISTER_VALIDITY, validity)
  }

  #readFigures(rowsIn: number): BranchResult['figures'] {
    const figure = (index: number): number => this.#set.memory.f64[(this.#figures >>> 3) + index]!
    return {
      rowsIn,
      rowsOut: figure(L.FIGURE_ROWS_OUT),
      filtered: figure(L.FIGURE_FILTERED),
      late: figure(L.FIGURE_LATE),
      nullTime: figure(L.FIGURE_NULL_TIME),
      overflows: figure(L.FIGURE_OVERFLOWS),
    }
  }

  #readMaxTimes(): Record<number, number> {
    const times: Record<number, number> = {}
    this.#compiled.watermarkIds.forEach((watermarkId, slot) => {
      const time = this.#set.memory.f64[(this.#maxTimes >>> 3) + slot]!
      if (time > -Infinity) times[watermarkId] = time
    })
    return times
  }

  #readOutput(): KernelColumns | null {
    const { memory } = this.#set
    const schema = this.#compiled.outputSchema
    if (schema.length === 0) return null
    const columns = schema.map(({ type }, index) => {
      const output = this.#outputs + index * L.OUTPUT_BYTES
      const hasNulls = memory.read(output + L.OUTPUT_NULL_COUNT) > 0
      const validity = hasNulls ? memory.read(output + L.OUTPUT_VALIDITY) : 0
      return { type, values: memory.read(output + L.OUTPUT_VALUES), validity }
    })
    return { schema, numRows: memory.read(this.#frame + L.FRAME_OUTPUT_ROWS), columns }
  }
}

/** Fills [ptr, ptr + bytes) with one value. */
function fillValues(memory: KernelMemory, ptr: number, bytes: number, type: ColumnType, value: NonNullable<LiteralValue>): void {
  const [first, end] = [ptr / VALUE_BYTES[type], (ptr + bytes) / VALUE_BYTES[type]]
  switch (type) {
    case 'bool': memory.u8.fill(Number(value), first, end); return
    case 'i32': case 'utf8': memory.i32.fill(Number(value), first, end); return
    case 'f32': memory.f32.fill(Number(value), first, end); return
    case 'i64': memory.i64.fill(BigInt(value), first, end); return
    case 'f64': case 'timestamp': memory.f64.fill(Number(value), first, end); return
  }
}

/** Registers with one value for all rows that only instructions read which take it so. */
function scalarsOf({ registers, instructions }: CompiledBranch): ReadonlySet<number> {
  const scalars = new Set(registers.flatMap(({ kind }, index) =>
    kind === 'constant' || kind === 'parameter' || kind === 'sampleKey' ? [index] : []))
  for (const { op, operands } of instructions) {
    if (takesScalars(op)) continue
    for (const operand of operands) if (typeof operand !== 'number') scalars.delete(operand.id)
  }
  return scalars
}
