/**
 * Access of the twin's instructions to their registers, bitmaps and selection; the counterpart of assembly/vector.ts.
 * Invariant: views end where the memory's buffer is replaced; instructions that enter text ask for them again per row.
 */
import * as L from '../../../assembly/portable/layout.js'
import type { KernelMemory } from '../memory.js'
import type { ReferenceContext } from './context.js'

type Rows = Uint8Array | Int32Array | Uint32Array | BigInt64Array | Float32Array | Float64Array

/** A register of the frame, as one instruction sees it. */
export class VectorRegister {
  readonly #memory: KernelMemory
  readonly #ptr: number

  constructor(memory: KernelMemory, ptr: number) {
    this.#memory = memory
    this.#ptr = ptr
  }

  get values(): number { return this.#memory.read(this.#ptr + L.REGISTER_VALUES) }
  /** Address of the bitmap, 0 = no nulls. */
  get validity(): number { return this.#memory.read(this.#ptr + L.REGISTER_VALIDITY) }

  get u8(): Uint8Array { return this.#rowsIn(this.#memory.u8) }
  get i32(): Int32Array { return this.#rowsIn(this.#memory.i32) }
  get u32(): Uint32Array { return this.#rowsIn(this.#memory.u32) }
  get i64(): BigInt64Array { return this.#rowsIn(this.#memory.i64) }
  get f32(): Float32Array { return this.#rowsIn(this.#memory.f32) }
  get f64(): Float64Array { return this.#rowsIn(this.#memory.f64) }

  /** The vector as part of a view of memory; one value for all rows as a vector of its own, for reading. */
  #rowsIn<View extends Rows>(view: View): View {
    const first = this.values / view.BYTES_PER_ELEMENT
    const hasRows = this.#memory.read(this.#ptr + L.REGISTER_STRIDE) !== 0
    if (hasRows) return view.subarray(first, first + L.VECTOR_ROWS) as View
    const rows = view.slice(0, L.VECTOR_ROWS)
    rows.fill(view[first] as never)
    return rows as View
  }

  isValid(row: number): boolean {
    const { validity } = this
    return validity === 0 || ((this.#memory.u8[validity + (row >>> 3)]! >>> (row & 7)) & 1) === 1
  }

  /** The same test for a loop that neither enters text nor changes the bitmap's place. */
  validRows(): (row: number) => boolean {
    const { validity } = this
    const { u8 } = this.#memory
    return validity === 0 ? () => true : row => ((u8[validity + (row >>> 3)]! >>> (row & 7)) & 1) === 1
  }

  /** Makes this register null where one of `operands` is, and only there. */
  passNulls(...operands: readonly VectorRegister[]): void {
    const bitmaps = operands.map(operand => operand.validity).filter(validity => validity !== 0)
    if (bitmaps.length === 0) return this.setNoNulls()
    const { u8 } = this.#memory
    const own = this.ownValidity()
    for (let i = 0; i < L.VECTOR_VALIDITY_BYTES; i++) {
      let byte = 255
      for (const bitmap of bitmaps) byte &= u8[bitmap + i]!
      u8[own + i] = byte
    }
  }

  setNoNulls(): void {
    this.#memory.write(this.#ptr + L.REGISTER_VALIDITY, 0)
  }

  /** Makes one more row null. */
  setNull(row: number): void {
    if (this.validity === 0) this.#memory.u8.fill(255, this.ownValidity(), this.ownValidity() + L.VECTOR_VALIDITY_BYTES)
    this.#memory.u8[this.validity + (row >>> 3)]! &= ~(1 << (row & 7))
  }

  /** The register's own bitmap, put in force; its content is for the caller to write. */
  ownValidity(): number {
    const own = this.#memory.read(this.#ptr + L.REGISTER_OWN_VALIDITY)
    this.#memory.write(this.#ptr + L.REGISTER_VALIDITY, own)
    return own
  }
}

/** One instruction at work on the current vector of a frame. */
export class Instruction {
  readonly context: ReferenceContext
  readonly memory: KernelMemory
  readonly frame: number
  readonly op: number
  /** Rows of the current vector. */
  readonly rows: number
  readonly #units: number

  constructor(context: ReferenceContext, frame: number, instruction: number) {
    this.context = context
    this.memory = context.memory
    this.frame = frame
    this.#units = instruction >>> 1
    this.op = this.number(0)
    this.rows = this.memory.read(frame + L.FRAME_VECTOR_ROWS)
  }

  get dst(): VectorRegister { return this.register(1) }
  get a(): VectorRegister { return this.register(2) }
  get b(): VectorRegister { return this.register(3) }
  get c(): VectorRegister { return this.register(4) }

  /** Unit `index` of the instruction, as a plain number: 2 = a, 3 = b, … */
  number(index: number): number {
    return this.memory.u16[this.#units + index]!
  }

  get textTable(): number { return this.memory.read(this.frame + L.FRAME_TEXT_TABLE) }

  /** Row numbers of the selected rows, ascending. */
  selectedRows(): readonly number[] {
    const count = this.memory.i32[(this.frame + L.FRAME_SELECTION_COUNT) >>> 2]!
    if (count < 0) return Array.from({ length: this.rows }, (_, row) => row)
    const first = this.memory.read(this.frame + L.FRAME_SELECTION) >>> 1
    return Array.from(this.memory.u16.subarray(first, first + count))
  }

  select(rows: readonly number[]): void {
    this.memory.u16.set(rows, this.memory.read(this.frame + L.FRAME_SELECTION) >>> 1)
    this.memory.write(this.frame + L.FRAME_SELECTION_COUNT, rows.length)
  }

  addFigure(figure: number, count: number): void {
    const at = (this.memory.read(this.frame + L.FRAME_FIGURES) >>> 3) + figure
    this.memory.f64[at] = this.memory.f64[at]! + count
  }

  /** Makes rows of dst null whose results do not fit; those that are selected are counted. */
  setOverflows(rows: readonly number[]): void {
    if (rows.length === 0) return
    for (const row of rows) this.dst.setNull(row)
    const selected = new Set(this.selectedRows())
    this.addFigure(L.FIGURE_OVERFLOWS, rows.filter(row => selected.has(row)).length)
  }

  /** The register that unit `index` names. */
  register(index: number): VectorRegister {
    const registers = this.memory.read(this.frame + L.FRAME_REGISTERS)
    return new VectorRegister(this.memory, registers + this.number(index) * L.REGISTER_BYTES)
  }
}
