/**
 * Twin of assembly/text.ts: functions of text, on JavaScript strings. Lengths and positions count code points.
 */
import * as O from '../../../assembly/portable/opcodes.js'
import { runTextCast } from './cast-text.js'
import { internString, stringOf } from './strings.js'
import type { Instruction } from './vector.js'

type Answer = string | number | boolean

const UNARY: Readonly<Record<number, (text: string) => Answer>> = {
  [O.OP_LOWER]: text => text.toLowerCase(),
  [O.OP_UPPER]: text => text.toUpperCase(),
  [O.OP_TRIM]: text => text.trim(),
  [O.OP_LENGTH]: text => [...text].length,
}

const BINARY: Readonly<Record<number, (a: string, b: string) => Answer>> = {
  [O.OP_STARTS_WITH]: (a, b) => a.startsWith(b),
  [O.OP_ENDS_WITH]: (a, b) => a.endsWith(b),
  [O.OP_CONTAINS]: (a, b) => a.includes(b),
  [O.OP_CONCAT]: (a, b) => a + b,
}

/** Functions of text, and casts to and from it. */
export function runText(instruction: Instruction): void {
  const { op, dst, a, b, c } = instruction
  if (op >= O.OP_BOOL_TO_TEXT) return runTextCast(instruction)
  const unary = UNARY[op]
  const binary = BINARY[op]
  if (unary) {
    dst.passNulls(a)
    return forEachAnswer(instruction, row => unary(textAt(instruction, a.i32[row]!)))
  }
  if (binary) {
    dst.passNulls(a, b)
    return forEachAnswer(instruction, row => binary(textAt(instruction, a.i32[row]!), textAt(instruction, b.i32[row]!)))
  }
  dst.passNulls(a, b, c)
  forEachAnswer(instruction, row => substring(textAt(instruction, a.i32[row]!), b.i32[row]!, c.i32[row]!))
}

function textAt({ memory, textTable }: Instruction, code: number): string {
  return stringOf(memory, textTable, code)
}

/** Code points [start, end). */
function substring(text: string, start: number, end: number): string {
  return [...text].slice(Math.max(start, 0), Math.max(end, 0)).join('')
}

/** Writes every answer as its type asks. */
function forEachAnswer({ rows, dst, context, textTable }: Instruction, answerOf: (row: number) => Answer): void {
  for (let row = 0; row < rows; row++) {
    if (!dst.isValid(row)) continue
    const answer = answerOf(row)
    // Entering text may replace the memory's buffer: the view of dst is taken after it.
    const value = typeof answer === 'string' ? internString(context, textTable, answer) : Number(answer)
    if (typeof answer === 'boolean') dst.u8[row] = value
    else dst.i32[row] = value
  }
}
