/**
 * Twin of assembly/cast-text.ts: casts to and from text. Text that cannot be read is null and counted.
 */
import * as L from '../../../assembly/portable/layout.js'
import * as O from '../../../assembly/portable/opcodes.js'
import { numberKernels, readInteger } from './number.js'
import { internString, stringOf } from './strings.js'
import { textLength, textPtr } from './text-table.js'
import { timestampTextKernels } from './timestamp-text.js'
import type { Instruction } from './vector.js'

/** How a row is written; null = it has no text. */
const FORMATS: Readonly<Record<number, (instruction: Instruction) => (row: number) => string | null>> = {
  [O.OP_BOOL_TO_TEXT]: ({ a }) => row => String(a.u8[row] === 1),
  [O.OP_I32_TO_TEXT]: ({ a }) => row => String(a.i32[row]),
  [O.OP_I64_TO_TEXT]: ({ a }) => row => String(a.i64[row]),
  [O.OP_F64_TO_TEXT]: ({ a }) => row => String(a.f64[row]),
  [O.OP_TIME_TO_TEXT]: ({ a, context, frame, memory }) => row => {
    const ms = a.f64[row]!
    if (!(Math.abs(ms) <= O.TIME_MAX_MS)) return null
    const out = memory.read(frame + L.FRAME_SCRATCH)
    const length = timestampTextKernels(context).formatTimestamp(ms, out)
    return String.fromCharCode(...memory.u8.subarray(out, out + length))
  },
}

const TRUE = ['true', 't', 'yes', 'y', '1']
const FALSE = ['false', 'f', 'no', 'n', '0']

export function runTextCast(instruction: Instruction): void {
  const { op, rows, dst, a } = instruction
  dst.passNulls(a)
  const format = FORMATS[op]?.(instruction)
  const overflows: number[] = []
  for (let row = 0; row < rows; row++) {
    if (!dst.isValid(row)) {
      if (format) dst.i32[row] = 0
      continue
    }
    const fits = format ? writeText(instruction, row, format(row)) : readText(instruction, row)
    if (!fits) overflows.push(row)
  }
  instruction.setOverflows(overflows)
}

function writeText({ context, textTable, dst }: Instruction, row: number, text: string | null): boolean {
  const code = text === null ? 0 : internString(context, textTable, text)
  dst.i32[row] = code
  return text !== null
}

/** Reads one row's text into dst; returns whether it could. */
function readText({ op, context, memory, frame, textTable, dst, a }: Instruction, row: number): boolean {
  const code = a.i32[row]!
  const scratch = memory.read(frame + L.FRAME_SCRATCH)
  const [ptr, length] = [textPtr(memory, textTable, code), textLength(memory, textTable, code)] as const
  switch (op) {
    case O.OP_TEXT_TO_BOOL: {
      const trimmed = stringOf(memory, textTable, code).replace(/^[\t-\r ]+|[\t-\r ]+$/g, '')
      const word = trimmed.replace(/[A-Z]/g, letter => letter.toLowerCase())
      dst.u8[row] = Number(TRUE.includes(word))
      return TRUE.includes(word) || FALSE.includes(word)
    }
    case O.OP_TEXT_TO_F64: {
      if (!numberKernels(context).parseDecimal(ptr, length, scratch)) return false
      dst.f64[row] = memory.f64[scratch >>> 3]!
      return true
    }
    case O.OP_TEXT_TO_TIME: {
      if (!timestampTextKernels(context).parseTimestamp(ptr, length, scratch)) return false
      dst.f64[row] = memory.f64[scratch >>> 3]!
      return true
    }
    default: {
      const value = integerIn(context, ptr, length, scratch)
      const bits = op === O.OP_TEXT_TO_I32 ? 32 : 64
      if (value === null || BigInt.asIntN(bits, value) !== value) return false
      if (bits === 32) dst.i32[row] = Number(value)
      else dst.i64[row] = value
      return true
    }
  }
}

/** An integer exactly, or none where it does not fit; any other number as f64, cut towards zero. */
function integerIn(context: Instruction['context'], ptr: number, length: number, scratch: number): bigint | null {
  const integer = readInteger(context.memory, ptr, length)
  if (typeof integer === 'bigint') return integer
  if (integer === 'range' || !numberKernels(context).parseDecimal(ptr, length, scratch)) return null
  const x = context.memory.f64[scratch >>> 3]!
  return Number.isFinite(x) ? BigInt(Math.trunc(x)) : null
}
