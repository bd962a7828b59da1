/**
 * Twin of assembly/group-rows.ts: group rows packed from a task's groups, merged into a state, and from table to table.
 * Invariant: rows are merged in their order; a row whose key is new is taken over as it is.
 */
import * as R from '../../../assembly/portable/group-rows.js'
import * as L from '../../../assembly/portable/layout.js'
import type { Kernels } from '../kernel-set.js'
import type { KernelMemory } from '../memory.js'
import type { ReferenceContext } from './context.js'
import { bitAt } from './group-keys.js'
import { mergeRow } from './group-merges.js'
import { appendRow, comparedBytes, findSlot, touchRow } from './row-table.js'
import { internText, textLength, textPtr } from './text-table.js'

function packGroups(memory: KernelMemory, table: number, places: number, rows: number): void {
  const areas = [[L.GROUP_KEYS, L.GROUP_KEY_BYTES], [L.GROUP_STATES, L.GROUP_STATE_BYTES]]
    .map(([base, bytes]) => ({ base: memory.read(table + base!), bytes: memory.read(table + bytes!) }))
  const rowBytes = areas.reduce((sum, { bytes }) => sum + bytes, 0)
  for (let id = 0; id < memory.read(table + L.GROUP_COUNT); id++) {
    let to = rows + memory.read(places + id * 4) * rowBytes
    for (const { base, bytes } of areas) {
      memory.u8.copyWithin(to, base + id * bytes, base + (id + 1) * bytes)
      to += bytes
    }
  }
}

/** Addresses of the words of a row that hold a code. */
function textWordsOf(memory: KernelMemory, shape: number, row: number): number[] {
  const words = memory.read(shape + R.SHAPE_TEXTS)
  return Array.from({ length: memory.read(shape + R.SHAPE_TEXT_COUNT) }, (_, i) => words + i * R.WORD_BYTES)
    .filter(word => bitAt(memory, row, memory.read(word + R.WORD_BIT)) === (memory.read(word + R.WORD_IS_KEY) === 0))
    .map(word => row + memory.read(word + R.WORD_OFFSET))
}

/** Calls for every word of `n` rows that holds a code, in order. */
function eachText(memory: KernelMemory, shape: number, rows: number, n: number, use: (at: number) => void): void {
  const rowBytes = memory.read(shape + R.SHAPE_ROW_BYTES)
  for (let i = 0; i < n; i++) for (const at of textWordsOf(memory, shape, rows + i * rowBytes)) use(at)
}

function writeCode(memory: KernelMemory, at: number, code: number): void {
  memory.i64[at >>> 3] = BigInt(code)
}

function numberRowText(
  memory: KernelMemory, shape: number, text: number, rows: number, n: number, codes: number, ends: number, start: number,
): number {
  const numbers = new Map<number, number>()
  let end = start
  eachText(memory, shape, rows, n, at => {
    const code = memory.read(at)
    let number = numbers.get(code)
    if (number === undefined) {
      number = numbers.size
      numbers.set(code, number)
      end += textLength(memory, text, code)
      memory.write(codes + number * 4, code)
      memory.write(ends + number * 4, end)
    }
    writeCode(memory, at, number)
  })
  return numbers.size
}

function copyTexts(memory: KernelMemory, text: number, codes: number, n: number, out: number): void {
  let to = out
  for (let i = 0; i < n; i++) {
    const code = memory.read(codes + i * 4)
    const [ptr, length] = [textPtr(memory, text, code), textLength(memory, text, code)]
    memory.u8.copyWithin(to, ptr, ptr + length)
    to += length
  }
}

/** Strings that came with rows: where they are, and their codes + 1 so far. */
interface RowText {
  readonly ends: number
  readonly bytes: number
  readonly memo: number
}

function enterText(context: ReferenceContext, text: number, { ends, bytes, memo }: RowText, at: number): void {
  const { memory } = context
  const string = memory.read(at) * 4
  if (memory.read(memo + string) === 0) {
    const start = memory.read(ends + string)
    const code = internText(context, text, bytes + start, memory.read(ends + string + 4) - start)
    memory.write(memo + string, code + 1)
  }
  writeCode(memory, at, memory.read(memo + string) - 1)
}

function tableOfPane(memory: KernelMemory, state: number, paneMs: number): number {
  const panes = memory.read(state + R.STATE_PANES)
  const count = memory.read(state + R.STATE_PANE_COUNT)
  for (let pane = panes; pane < panes + count * R.PANE_BYTES; pane += R.PANE_BYTES) {
    if (memory.f64[(pane + R.PANE_START) >>> 3] === paneMs) return memory.read(pane + R.PANE_TABLE)
  }
  return 0
}

/** Makes room for one more row, whether it is needed or not: as the wasm builds do. */
function reserveRow({ memory, host }: ReferenceContext, table: number): void {
  const count = memory.read(table + R.ROWS_COUNT) + 1
  if (count > memory.read(table + R.ROWS_CAPACITY)) host.growTable(table, count, 0)
}

function mergeGroupRows(context: ReferenceContext, state: number, rows: number, n: number, rowText: RowText): number {
  const { memory } = context
  const shape = memory.read(state + R.STATE_SHAPE)
  const text = memory.read(state + R.STATE_TEXT_TABLE)
  const rowBytes = memory.read(shape + R.SHAPE_ROW_BYTES)
  const keyBytes = comparedBytes(memory, shape)
  const hasPane = memory.read(shape + R.SHAPE_HAS_PANE) !== 0
  for (let i = 0; i < n; i++) {
    const row = rows + i * rowBytes
    const table = tableOfPane(memory, state, hasPane ? memory.f64[(row + keyBytes) >>> 3]! : 0)
    if (table === 0) return i
    reserveRow(context, table)
    memory.write(table + R.ROWS_IS_TOUCHED, 1)
    memory.write(table + R.ROWS_IS_CHANGED, 1)
    if (rowText.memo) for (const at of textWordsOf(memory, shape, row)) enterText(context, text, rowText, at)
    touchRow(memory, table, enterRow(memory, shape, text, table, row))
  }
  return n
}

/** Adds a row to a table that has room; gives its number there. */
function enterRow(memory: KernelMemory, shape: number, text: number, table: number, row: number): number {
  const slot = findSlot(memory, table, row)
  if (slot.number === 0) {
    appendRow(memory, table, row, slot)
    return memory.read(table + R.ROWS_COUNT) - 1
  }
  const rowBytes = memory.read(shape + R.SHAPE_ROW_BYTES)
  mergeRow(memory, shape, text, memory.read(table + R.ROWS_FIRST) + (slot.number - 1) * rowBytes, row)
  return slot.number - 1
}

function mergeTable(context: ReferenceContext, to: number, shape: number, from: number, numbers: number, n: number): void {
  const { memory } = context
  const rowBytes = memory.read(shape + R.SHAPE_ROW_BYTES)
  const text = memory.read(to + R.ROWS_TEXT_TABLE)
  for (let i = 0; i < n; i++) {
    reserveRow(context, to)
    const number = numbers ? memory.read(numbers + i * 4) : i
    enterRow(memory, shape, text, to, memory.read(from + R.ROWS_FIRST) + number * rowBytes)
  }
}

export function groupRowKernels(context: ReferenceContext): Pick<
  Kernels, 'packGroups' | 'numberRowText' | 'copyTexts' | 'translateRowText' | 'mergeGroupRows' | 'mergeTable'
> {
  const { memory } = context
  return {
    packGroups: (table, places, rows) => packGroups(memory, table, places, rows),
    numberRowText: (shape, text, rows, n, codes, ends, start) => numberRowText(memory, shape, text, rows, n, codes, ends, start),
    copyTexts: (text, codes, n, out) => copyTexts(memory, text, codes, n, out),
    translateRowText: (shape, from, to, rows, n) => eachText(memory, shape, rows, n, at => {
      const code = memory.read(at)
      writeCode(memory, at, internText(context, to, textPtr(memory, from, code), textLength(memory, from, code)))
    }),
    mergeGroupRows: (state, rows, n, ends, bytes, memo) => mergeGroupRows(context, state, rows, n, { ends, bytes, memo }),
    mergeTable: (to, shape, from, numbers, n) => mergeTable(context, to, shape, from, numbers, n),
  }
}
