/**
 * Writes the body of a fused block's loop: eight rows at a time, each value once, in locals.
 * A value of eight bytes is four groups of lanes, one of four bytes two. A bool is a mask: eight lanes of 16 bits, all ones for
 * true. Which rows hold a value is eight bits of an i32, or `null` where all do.
 * Invariant: code runs in the order in which it is written, so what is in a local once stays there for the rest of the body.
 */
import { FRAME_ALL_VALID, FRAME_REGISTERS, REGISTER_BYTES, REGISTER_VALIDITY, REGISTER_VALUES } from
  '../../../assembly/portable/layout.js'
import { VALUE_BYTES, type ColumnType } from '../../data/schema.js'
import type { OperationValue, Value } from './block-values.js'
import { signed, unsigned } from './wasm-encoding.js'
import { CODE, SIMD } from './wasm-opcodes.js'

/** Rows of one turn of the loop. */
export const TURN_ROWS = 8

/** Number of a local. I32 locals count from 1 (0 is the frame); v128 locals are placed behind them when the body is whole. */
export type Local = { readonly type: 'i32' | 'v128'; readonly index: number }

/** How an operation is written; what is left out follows from the operands. */
export interface LaneOperation {
  /** Pushes group `group` of the value's lanes; bools have `mask` instead. */
  lanes?(writer: LaneWriter, value: OperationValue, group: number): void
  mask?(writer: LaneWriter, value: OperationValue): void
  /** Pushes the mask of a bool for the lanes of `width` bytes, where that is cheaper than widening `mask`. */
  wideMask?(writer: LaneWriter, value: OperationValue, width: number, group: number): boolean
  /** Which rows hold a value; left out: those where every operand does. */
  valid?(writer: LaneWriter, value: OperationValue): Local | null
  /** Pushes the mask of rows whose result does not fit: if there is one, the block declines the vector. */
  misfits?(writer: LaneWriter, value: OperationValue): void
}

export type LaneOperations = Readonly<Record<number, LaneOperation>>

/** Code with locals still as objects. */
export type Code = (number | Local)[]

const WIDE_MASK_EXTENSION: Readonly<Record<number, readonly [low: number, high: number]>> = {
  4: [SIMD.i32x4ExtendLowI16x8S, SIMD.i32x4ExtendHighI16x8S],
}

/** Puts the low halves of two masks of eight-byte lanes side by side. */
const PAIR_UP = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27]

export class LaneWriter {
  readonly #operations: LaneOperations
  readonly #hasNulls: boolean
  readonly #locals = new Map<string, Local>()
  readonly #moving: { readonly pointer: Local; readonly bytes: number }[] = []
  readonly counts = { i32: 0, v128: 0 }
  /** Before the loop, its body, behind it. */
  readonly setup: Code = []
  readonly body: Code = []
  readonly after: Code = []

  /** @param hasNulls whether the vectors read may have bitmaps. */
  constructor(operations: LaneOperations, hasNulls: boolean) {
    this.#operations = operations
    this.#hasNulls = hasNulls
  }

  local(type: Local['type']): Local {
    return { type, index: this.counts[type]++ }
  }

  /** Appends to the body: opcodes, immediates, locals. */
  put(...code: Code): void {
    this.body.push(...code)
  }

  simd(op: number): void {
    this.body.push(0xfd, ...unsigned(op))
  }

  get(local: Local): void {
    this.body.push(CODE.get, local)
  }

  /** Keeps what is on the stack in a new local and leaves it there. */
  tee(type: Local['type']): Local {
    const local = this.local(type)
    this.body.push(CODE.tee, local)
    return local
  }

  set(type: Local['type']): Local {
    const local = this.local(type)
    this.body.push(CODE.set, local)
    return local
  }

  /** Pushes what `write` pushes, which is written once. */
  once(key: string, type: Local['type'], write: () => void): void {
    const known = this.#locals.get(key)
    if (known) return this.get(known)
    write()
    this.#locals.set(key, this.tee(type))
  }

  /** The local of what `write` pushes, which is written once. */
  keep(key: string, type: Local['type'], write: () => void): Local {
    const known = this.#locals.get(key)
    if (known) return known
    write()
    const local = this.set(type)
    this.#locals.set(key, local)
    return local
  }

  /** Pushes sixteen bytes that are set before the loop: V8 makes constants anew wherever they stand. */
  constant(bytes: readonly number[]): void {
    this.get(this.beforeLoop(`constant ${bytes.join()}`, 'v128', () => [0xfd, SIMD.const, ...bytes]))
  }

  /** Pushes a number in every lane of a type. */
  splat(type: ColumnType, value: number | bigint): void {
    this.constant(splatBytes(type, value))
  }

  /** The local of what `code` pushes before the loop, which is written once. */
  beforeLoop(key: string, type: Local['type'], code: () => Code): Local {
    let local = this.#locals.get(key)
    if (!local) {
      const value = code()
      this.#locals.set(key, local = this.local(type))
      this.setup.push(...value, CODE.set, local)
    }
    return local
  }

  #registers(): Local {
    return this.beforeLoop('registers', 'i32', () => loadFrom(FRAME_REGISTERS, [CODE.get, 0]))
  }

  /** Loads a field of a register's descriptor. */
  registerField(register: number, field: number): Code {
    return loadFrom(register * REGISTER_BYTES + field, [CODE.get, this.#registers()])
  }

  /** Behind the loop, sets a field of a register's descriptor. */
  setRegister(register: number, field: number, value: Code): void {
    this.after.push(CODE.get, this.#registers(), ...value, CODE.i32Store, 0, ...unsigned(register * REGISTER_BYTES + field))
  }

  /** An address that moves on with every turn. */
  moving(key: string, bytesPerTurn: number, address: () => Code): Local {
    const known = this.#locals.get(key)
    if (known) return known
    const pointer = this.beforeLoop(key, 'i32', address)
    this.#moving.push({ pointer, bytes: bytesPerTurn })
    return pointer
  }

  /** Appends the end of a turn. */
  moveOn(): void {
    for (const { pointer, bytes } of this.#moving) {
      this.put(CODE.get, pointer, CODE.i32Const, ...signed(bytes), CODE.i32Add, CODE.set, pointer)
    }
  }

  /** Pushes group `group` of a value's lanes. */
  lanes(value: Value, group: number): void {
    switch (value.kind) {
      case 'constant': return this.splat(value.type, value.value === null ? 0 : value.value as number | bigint)
      case 'scalar': return this.get(this.beforeLoop(`scalar ${value.register}`, 'v128', () =>
        [...this.registerField(value.register, REGISTER_VALUES), 0xfd,
          VALUE_BYTES[value.type] === 8 ? SIMD.load64Splat : SIMD.load32Splat, 0, 0]))
      case 'vector': return this.once(`vector ${value.register} ${group}`, 'v128', () => {
        this.get(this.#vectorPointer(value.register, value.type))
        this.simd(SIMD.load)
        this.put(0, ...unsigned(group * 16))
      })
      case 'operation': return this.once(`lanes ${value.id} ${group}`, 'v128', () =>
        this.#operation(value).lanes!(this, value, group))
    }
  }

  #vectorPointer(register: number, type: ColumnType): Local {
    return this.moving(`pointer ${register}`, VALUE_BYTES[type] * TURN_ROWS, () => this.registerField(register, REGISTER_VALUES))
  }

  #operation(value: OperationValue): LaneOperation {
    return this.#operations[value.op]!
  }

  /** Pushes a bool's mask. */
  mask(value: Value): void {
    switch (value.kind) {
      case 'constant': return this.constant(Array<number>(16).fill(value.value ? 255 : 0))
      case 'operation': return this.once(`mask ${value.id}`, 'v128', () => this.#operation(value).mask!(this, value))
      default: return this.once(`mask of ${value.register}`, 'v128', () => {
        this.get(this.#vectorPointer(value.register, 'bool'))
        this.simd(SIMD.load8x8U)
        this.put(0, 0)
        this.simd(SIMD.i16x8Neg)
      })
    }
  }

  /** Pushes a bool's mask for group `group` of lanes of `width` bytes. */
  wideMask(value: Value, width: number, group: number): void {
    if (value.kind === 'operation' && this.#operation(value).wideMask?.(this, value, width, group)) return
    this.widen(this.keep(`narrow ${value.id}`, 'v128', () => this.mask(value)), width, group)
  }

  /** Pushes the part of a mask that belongs to group `group` of lanes of `width` bytes. */
  widen(mask: Local, width: number, group: number): void {
    this.get(mask)
    if (width === 4) return this.simd(WIDE_MASK_EXTENSION[4]![group]!)
    this.get(mask)
    const [first, second] = [group * 4, group * 4 + 2]
    this.shuffle([...pairs(first), ...pairs(second)])
  }

  shuffle(indexes: readonly number[]): void {
    this.simd(SIMD.shuffle)
    this.put(...indexes)
  }

  /** Pushes the mask of masks of lanes of `width` bytes, which `write` pushes group by group. */
  narrow(width: number, write: (group: number) => void): void {
    if (width === 4) {
      write(0)
      write(1)
    } else {
      for (const group of [0, 2]) {
        write(group)
        write(group + 1)
        this.shuffle(PAIR_UP)
      }
    }
    this.simd(SIMD.i16x8NarrowI32x4S)
  }

  /** The bits of a value's rows that hold a value; null: all do. */
  valid(value: Value): Local | null {
    switch (value.kind) {
      case 'constant': return value.value === null ? this.beforeLoop('no rows', 'i32', () => [CODE.i32Const, 0]) : null
      case 'scalar': return null
      case 'vector': return this.#hasNulls ? this.#vectorValidity(value.register) : null
      case 'operation': {
        const key = `valid ${value.id}`
        const known = this.#locals.get(key)
        if (known) return known
        const own = this.#operation(value).valid
        const local = own ? own(this, value) : this.allValid(value.args)
        if (local) this.#locals.set(key, local)
        return local
      }
    }
  }

  #vectorValidity(register: number): Local {
    return this.keep(`validity ${register}`, 'i32', () => {
      const pointer = this.moving(`validity pointer ${register}`, 1, () => this.validityOrOnes(register))
      this.put(CODE.get, pointer, CODE.i32Load8U, 0, 0)
    })
  }

  /** A register's bitmap, or one that is all ones. */
  validityOrOnes(register: number): Code {
    const validity = this.registerField(register, REGISTER_VALIDITY)
    return [...validity, ...loadFrom(FRAME_ALL_VALID, [CODE.get, 0]), ...validity, CODE.select]
  }

  /** The rows where all of `values` are there. */
  allValid(values: readonly Value[]): Local | null {
    const bits = values.map(value => this.valid(value)).filter(local => local !== null)
    return this.combineBits(CODE.i32And, bits)
  }

  /** Bits put together by an i32 instruction; null where there are none. */
  combineBits(op: number, bits: readonly Local[]): Local | null {
    if (bits.length < 2) return bits[0] ?? null
    bits.forEach((local, i) => {
      this.get(local)
      if (i > 0) this.put(op)
    })
    return this.set('i32')
  }

  /** Pushes the mask whose lanes are the bits. */
  maskOfBits(bits: Local): void {
    this.get(bits)
    this.simd(SIMD.i16x8Splat)
    const places = [1, 0, 2, 0, 4, 0, 8, 0, 16, 0, 32, 0, 64, 0, 128, 0]
    this.constant(places)
    this.simd(SIMD.and)
    this.constant(places)
    this.simd(SIMD.i16x8Eq)
  }

  /** Pushes the mask of rows that do not fit and are there, if the operation can have such. */
  misfits(value: OperationValue): boolean {
    const { misfits } = this.#operation(value)
    if (!misfits) return false
    const valid = this.allValid(value.args)
    misfits(this, value)
    if (valid) {
      this.maskOfBits(valid)
      this.simd(SIMD.and)
    }
    return true
  }
}

/** An i32 load at a fixed distance from what `address` pushes. */
export function loadFrom(offset: number, address: Code): Code {
  return [...address, CODE.i32Load, 0, ...unsigned(offset)]
}

function pairs(first: number): number[] {
  return [0, 1, 2, 3].flatMap(() => [first, first + 1])
}

function splatBytes(type: ColumnType, value: number | bigint): number[] {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < 16; at += VALUE_BYTES[type]) {
    switch (type) {
      case 'i64': view.setBigInt64(at, BigInt(value), true); break
      case 'f32': view.setFloat32(at, Number(value), true); break
      case 'i32': case 'utf8': view.setInt32(at, Number(value), true); break
      case 'bool': view.setUint8(at, Number(value)); break
      case 'f64': case 'timestamp': view.setFloat64(at, Number(value), true); break
    }
  }
  return [...bytes]
}
