/**
 * Runs a program of group instructions over partial rows: how rows from shuffles, snapshots and panes are merged into a group
 * table.
 * Invariant: rows are merged in their order; column i of the rows is register i.
 */
import * as L from '../../assembly/portable/layout.js'
import { VALUE_BYTES } from '../data/schema.js'
import { mergeProgram } from './aggregate-compiler.js'
import type { AggregateLayout } from './aggregate-layout.js'
import type { GroupTable } from './group-table.js'
import type { KernelColumns } from './kernel-columns.js'
import type { KernelSet } from './kernel-set.js'

const UNITS_PER_INSTRUCTION = L.INSTRUCTION_BYTES / 2

export class GroupProgram {
  readonly #set: KernelSet
  readonly #layout: AggregateLayout
  readonly #ptrs: number[] = []
  readonly #frame: number
  readonly #registers: number

  /** @param part `all` merges states; `keys` only finds the groups and touches them. */
  constructor(set: KernelSet, layout: AggregateLayout, part: 'all' | 'keys') {
    this.#set = set
    this.#layout = layout
    const { memory } = set
    const program = mergeProgram(layout, part)
    this.#frame = this.#allocate(L.FRAME_BYTES)
    this.#registers = this.#allocate(layout.partialSchema.length * L.REGISTER_BYTES)
    const code = this.#allocate(program.length * L.INSTRUCTION_BYTES)
    program.forEach(({ op, dst, operands }, i) =>
      memory.u16.set([op, dst, ...operands], (code >>> 1) + i * UNITS_PER_INSTRUCTION))
    memory.write(this.#frame + L.FRAME_PROGRAM, code)
    memory.write(this.#frame + L.FRAME_INSTRUCTION_COUNT, program.length)
    memory.write(this.#frame + L.FRAME_REGISTERS, this.#registers)
    memory.write(this.#frame + L.FRAME_REGISTER_COUNT, layout.partialSchema.length)
    memory.write(this.#frame + L.FRAME_INPUT_COUNT, layout.partialSchema.length)
  }

  /** Bytes of kernel memory that it holds. */
  get usedBytes(): number { return this.#ptrs.reduce((sum, ptr) => sum + this.#set.arena.sizeOf(ptr), 0) }

  /** Merges `rows`, whose schema is the layout's partial schema and whose text is in the table's text table, into `table`. */
  run(table: GroupTable, rows: KernelColumns): void {
    const { memory, kernels } = this.#set
    memory.write(this.#frame + L.FRAME_GROUP_TABLE, table.ptr)
    this.#layout.partialSchema.forEach(({ type }, index) => {
      const register = this.#registers + index * L.REGISTER_BYTES
      const { values, validity } = rows.columns[index]!
      memory.write(register + L.REGISTER_VALUES, values)
      memory.write(register + L.REGISTER_VALIDITY, validity)
      memory.write(register + L.REGISTER_STRIDE, VALUE_BYTES[type])
    })
    kernels.runGroupProgram(this.#frame, rows.numRows)
  }

  free(): void {
    for (const ptr of this.#ptrs) this.#set.arena.free(ptr)
    this.#ptrs.length = 0
  }

  #allocate(bytes: number): number {
    const ptr = this.#set.arena.allocateZeroed(bytes)
    this.#ptrs.push(ptr)
    return ptr
  }
}
