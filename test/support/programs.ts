/**
 * Runs expressions through a kernel set the way a task does, and reads what comes out: as JavaScript values, and as raw bytes so
 * that kernel sets can be compared bit for bit.
 */
import type { ColumnType, Schema } from '../../src/data/schema.js'
import { VALUE_BYTES } from '../../src/data/schema.js'
import { validityBytes } from '../../src/data/column.js'
import { ArenaScope } from '../../src/kernel/arena.js'
import type { KernelColumns } from '../../src/kernel/kernel-columns.js'
import type { KernelSet } from '../../src/kernel/kernel-set.js'
import { blocksOfProgram } from '../../src/kernel/fused/program-blocks.js'
import { compileBranch } from '../../src/kernel/program-compiler.js'
import { BranchProgram, type BranchResult, type BranchRun } from '../../src/kernel/program-runner.js'
import { TextTable } from '../../src/kernel/text-table.js'
import type { Expression, FunctionName } from '../../src/plan/expression.js'
import type { Step } from '../../src/plan/stage.js'

export type Value = boolean | number | bigint | string | null

export interface TestColumn {
  readonly name: string
  readonly type: ColumnType
  readonly values: readonly Value[]
}

/** Bytes that lie under nulls: never read as values, whatever they are. */
const GARBAGE_BYTE = 0x5a

/** Columns in kernel memory; a column with a null has a bitmap, and garbage under its nulls (text: code 0). */
export function loadColumns(set: KernelSet, scope: ArenaScope, columns: readonly TestColumn[], text: TextTable): KernelColumns {
  const numRows = columns[0]?.values.length ?? 0
  const loaded = columns.map(({ type, values }) => {
    const ptr = scope.allocate(numRows * VALUE_BYTES[type])
    set.memory.u8.fill(type === 'utf8' || type === 'bool' ? 0 : GARBAGE_BYTE, ptr, ptr + numRows * VALUE_BYTES[type])
    const validity = values.includes(null) ? scope.allocateZeroed(validityBytes(numRows)) : 0
    values.forEach((value, row) => {
      if (value === null) return
      if (validity) set.memory.u8[validity + (row >>> 3)]! |= 1 << (row & 7)
      writeValue(set, text, type, ptr, row, value)
    })
    return { type, values: ptr, validity }
  })
  return { schema: columns.map(({ name, type }) => ({ name, type })), numRows, columns: loaded }
}

function writeValue({ memory }: KernelSet, text: TextTable, type: ColumnType, ptr: number, row: number,
  value: NonNullable<Value>): void {
  switch (type) {
    case 'bool': memory.u8[ptr + row] = Number(value); return
    case 'i32': memory.i32[(ptr >>> 2) + row] = Number(value); return
    case 'i64': memory.i64[(ptr >>> 3) + row] = BigInt(value); return
    case 'f32': memory.f32[(ptr >>> 2) + row] = Number(value); return
    case 'f64': case 'timestamp': memory.f64[(ptr >>> 3) + row] = Number(value); return
    case 'utf8': {
      const code = text.intern(new TextEncoder().encode(String(value)))
      memory.i32[(ptr >>> 2) + row] = code
    }
  }
}

/** The rows of one column as JavaScript values. */
export function readColumn({ memory }: KernelSet, { numRows, columns }: KernelColumns, index: number, text: TextTable): Value[] {
  const { type, values, validity } = columns[index]!
  return Array.from({ length: numRows }, (_, row): Value => {
    if (validity && !((memory.u8[validity + (row >>> 3)]! >>> (row & 7)) & 1)) return null
    switch (type) {
      case 'bool': return memory.u8[values + row] === 1
      case 'i32': return memory.i32[(values >>> 2) + row]!
      case 'i64': return memory.i64[(values >>> 3) + row]!
      case 'f32': return memory.f32[(values >>> 2) + row]!
      case 'f64': case 'timestamp': return memory.f64[(values >>> 3) + row]!
      case 'utf8': return new TextDecoder('utf-8', { ignoreBOM: true }).decode(text.bytesOf(memory.i32[(values >>> 2) + row]!))
    }
  })
}

/** A column's bytes in memory, as hexadecimal text. */
function bytesOf({ memory }: KernelSet, { numRows, columns }: KernelColumns, index: number): string {
  const { type, values } = columns[index]!
  return Buffer.from(memory.u8.subarray(values, values + numRows * VALUE_BYTES[type])).toString('hex')
}

export interface Evaluation {
  /** One array per expression. */
  readonly columns: readonly (readonly Value[])[]
  /** The same as raw bytes; empty for text, whose codes nobody can observe. */
  readonly bytes: readonly string[]
  readonly figures: BranchResult['figures']
  readonly maxEventTimeMs: BranchResult['maxEventTimeMs']
}

const NO_RUN: BranchRun = { parameters: {}, batchId: 0, firstOrdinal: 0 }

/** Runs steps over columns, then collects the expressions. */
export function evaluate(
  set: KernelSet, input: readonly TestColumn[], expressions: readonly Expression[], steps: readonly Step[] = [],
  run: Partial<BranchRun> = {}, isFused = false,
): Evaluation {
  const schema: Schema = expressions.map(({ type }, i) => ({ name: `c${i}`, type }))
  const project: Step = { kind: 'project', columns: expressions.map((expression, i) => ({ name: `c${i}`, expression })) }
  const compiled = compileBranch(input.map(({ name, type }) => ({ name, type })), {
    steps: [...steps, project], terminal: { kind: 'result', outputId: 0, order: 0 }, schema,
  })
  const text = new TextTable(set)
  const scope = new ArenaScope(set.arena)
  const program = new BranchProgram(set, compiled, text,
    { blocks: isFused ? blocksOfProgram(compiled) : [], afterRows: 0 })
  const { figures, maxEventTimeMs, output } = program.run(scope, loadColumns(set, scope, input, text), { ...NO_RUN, ...run })
  const result: Evaluation = {
    columns: schema.map((_, index) => readColumn(set, output!, index, text)),
    bytes: schema.map(({ type }, index) => type === 'utf8' ? '' : bytesOf(set, output!, index)),
    figures, maxEventTimeMs,
  }
  program.free()
  scope.release()
  text.free()
  return result
}

/**
 * All that an evaluation gives as one string: equal strings mean equal bits, nulls, text and figures. Quicker to compare than the
 * object.
 */
export function fingerprint({ columns, bytes, figures, maxEventTimeMs }: Evaluation): string {
  const mark = (value: Value): string => value === null ? '∅' : typeof value === 'string' ? JSON.stringify(value) : '.'
  return [...columns.map(values => values.map(mark).join('')), ...bytes, JSON.stringify({ figures, maxEventTimeMs })].join('\n')
}

/** Expressions in short. */
export const column = ({ name, type }: { name: string; type: ColumnType }): Expression => ({ kind: 'column', name, type })
export const literal = (value: Value, type: ColumnType): Expression => ({ kind: 'literal', value, type })
export const call = (fn: FunctionName, type: ColumnType, ...args: readonly Expression[]): Expression =>
  ({ kind: 'call', fn, args, type })
export const cast = (arg: Expression, type: ColumnType): Expression => ({ kind: 'cast', arg, type })
