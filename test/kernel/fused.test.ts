/**
 * Fused blocks: that they are made and run where they should, decline where they must, and give what the instructions give, in
 * every operation. Random programs run fused in random-programs.test.ts.
 */
import { describe, expect, it } from 'vitest'
import type { BlockLoader } from '../../src/kernel/fused/block-loader.js'
import { OPERATIONS } from '../../src/kernel/fused/block-emitter.js'
import { rangesOf } from '../../src/kernel/fused/program-blocks.js'
import type { KernelSet } from '../../src/kernel/kernel-set.js'
import { compileBranch } from '../../src/kernel/program-compiler.js'
import { referenceKernels } from '../../src/kernel/reference-kernels.js'
import type { Expression } from '../../src/plan/expression.js'
import { callOf, castTo } from '../../src/plan/function-table.js'
import type { Step } from '../../src/plan/stage.js'
import { wasmKernelSet } from '../support/kernels.js'
import { column, evaluate, fingerprint, literal, type TestColumn, type Value } from '../support/programs.js'

const ROWS = 5003
const NUMBERS = [0, -0, 1, -1, 2.5, -2.5, 0.5, -0.5, NaN, Infinity, -Infinity, 1e300, 123456.75, -7, 8.64e15, 3e9]
const values = (of: (row: number) => Value): Value[] => Array.from({ length: ROWS }, (_, row) => of(row))
const withNulls = (all: readonly Value[]): Value[] => all.map((value, row) => row % 7 === 3 ? null : value)

const x: TestColumn = { name: 'x', type: 'f64', values: values(row => NUMBERS[row % NUMBERS.length]!) }
const y: TestColumn = { name: 'y', type: 'f64', values: values(row => NUMBERS[(row >> 4) % NUMBERS.length]!) }
const i: TestColumn = { name: 'i', type: 'i32', values: values(row => [0, 1, -1, 77, -78, 2147483647, -2147483648][row % 7]!) }
const small: TestColumn = { name: 'small', type: 'f64', values: values(row => (row % 200) - 100.5) }
const wide: TestColumn = { name: 'wide', type: 'i64', values: values(row => BigInt(row % 300) - 150n) }
const b: TestColumn = { name: 'b', type: 'bool', values: values(row => row % 3 === 0) }
const columns = [x, y, i, small, wide, b]
const gappy = columns.map((each, at) => at % 2 ? each : { ...each, values: withNulls(each.values) })

/** Runs with blocks from the first row on, and counts the blocks that were put into the table. */
function runFused(
  input: readonly TestColumn[], expressions: readonly Expression[], steps: readonly Step[] = [],
): { readonly result: ReturnType<typeof evaluate>; readonly blocks: number } {
  const set = wasmKernelSet('simd')
  let blocks = 0
  const counting = {
    load(bytes: Uint8Array<ArrayBuffer>) {
      blocks++
      return set.blocks!.load(bytes)
    },
  } as BlockLoader
  return { result: evaluate({ ...set, blocks: counting }, input, expressions, steps, {}, true), blocks }
}

const plain = wasmKernelSet('simd')

function expectSame(input: readonly TestColumn[], expressions: readonly Expression[], steps: readonly Step[] = []): number {
  const { result, blocks } = runFused(input, expressions, steps)
  expect(fingerprint(result) === fingerprint(evaluate(plain, input, expressions, steps))).toBe(true)
  return blocks
}

const [X, Y, I, S, W, B] = [x, y, i, small, wide, b].map(each => column(each)) as
  [Expression, Expression, Expression, Expression, Expression, Expression]
const add1 = (e: Expression): Expression => callOf('add', [e, literal(1, 'f64')])
const above = (limit: number, of = X): Step =>
  ({ kind: 'filter', predicate: callOf('gt', [of, literal(limit, 'f64')]), reason: 'filtered' })

describe('a fused block', () => {
  const operations: readonly Expression[] = [
    ...(['add', 'sub', 'mul', 'div', 'floorDiv', 'least', 'greatest'] as const).map(fn => callOf(fn, [X, Y])),
    callOf('add', [callOf('mul', [X, S]), Y]), callOf('add', [literal(-1.5, 'f64'), callOf('mul', [literal(3, 'f64'), Y])]),
    ...(['neg', 'abs', 'sqrt', 'floor', 'ceil', 'trunc', 'round', 'sign', 'isNaN', 'isNull'] as const).map(fn => callOf(fn, [X])),
    ...(['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const).flatMap(fn =>
      [callOf(fn, [X, Y]), callOf(fn, [X, literal(2.5, 'f64')]), callOf(fn, [literal(NaN, 'f64'), X]),
        callOf(fn, [I, literal(1, 'i32')]), callOf(fn, [W, literal(3n, 'i64')]),
        callOf(fn, [castTo(X, 'f32'), castTo(Y, 'f32')])]),
    ...(['eq', 'ne'] as const).map(fn => callOf(fn, [B, callOf('gt', [X, Y])])),
    ...(['mod', 'floorDiv'] as const).flatMap(fn => [7, -3, 2147483647].map(c => callOf(fn, [I, literal(c, 'i32')]))),
    ...(['add', 'sub', 'least', 'greatest'] as const).map(fn => callOf(fn, [W, castTo(I, 'i64')])),
    ...(['least', 'greatest'] as const).flatMap(fn =>
      [callOf(fn, [I, literal(5, 'i32')]), callOf(fn, [castTo(X, 'f32'), castTo(Y, 'f32')])]),
    ...(['neg', 'abs', 'sign'] as const).map(fn => callOf(fn, [W])),
    ...(['i32', 'i64', 'f32', 'bool', 'timestamp'] as const).map(type => castTo(S, type)),
    ...(['i64', 'f64', 'bool'] as const).map(type => castTo(I, type)),
    ...(['i32', 'f64', 'bool'] as const).map(type => castTo(W, type)),
    castTo(B, 'i32'), castTo(castTo(X, 'f32'), 'f64'),
    callOf('and', [B, callOf('lt', [X, Y])]), callOf('or', [B, callOf('lt', [X, Y])]), callOf('not', [B]),
    callOf('if', [B, X, Y]), callOf('if', [callOf('lt', [X, Y]), I, literal(5, 'i32')]), callOf('if', [B, B, callOf('not', [B])]),
    callOf('coalesce', [X, Y]), callOf('coalesce', [I, literal(9, 'i32')]), callOf('coalesce', [B, literal(true, 'bool')]),
    callOf('floorTo', [castTo(S, 'timestamp'), literal(7, 'f64'), literal(-3, 'f64')]),
    callOf('clamp', [X, literal(-1, 'f64'), Y]),
  ]

  it.each([['without', columns], ['with', gappy]] as const)('gives what its instructions give, %s nulls', (_, input) => {
    for (const operation of operations) {
      const twice = operation.type === 'bool' ? callOf('not', [operation]) : callOf('eq', [operation, operation])
      expectSame(input, [operation, twice, add1(X)])
    }
  })

  it('has an operation for all that these are', () => {
    const schema = operations.map(({ type }, at) => ({ name: `c${at}`, type }))
    const project: Step = { kind: 'project', columns: operations.map((expression, at) => ({ name: `c${at}`, expression })) }
    const program = compileBranch(columns.map(({ name, type }) => ({ name, type })),
      { steps: [project], terminal: { kind: 'result', outputId: 0, order: 0 }, schema })
    const used = new Set(program.instructions.map(({ op }) => op))
    expect(Object.keys(OPERATIONS).filter(op => !used.has(Number(op)))).toEqual([])
    expect(rangesOf(program)[0]!.first).toBe(0)
  })

  it('selects and counts as its filters do', () => {
    for (const input of [columns, gappy]) {
      expect(expectSame(input, [add1(X)], [above(0)])).toBe(1)
      expect(expectSame(input, [X], [above(0), { ...above(-2, S), reason: 'late' } as Step, above(2.5, Y)])).toBe(1)
      expect(expectSame(input, [add1(X)], [above(1e305)])).toBe(1)
      expect(expectSame(input, [add1(X)], [{ kind: 'sample', fraction: 0.3, seed: 4 }, above(0), above(-50, S)])).toBe(1)
      expect(expectSame(input, [add1(X)], [above(0), { kind: 'limit', rows: 1000 }, above(-50, S)])).toBe(2)
    }
  })

  it('leaves to the instructions what does not fit', () => {
    const large = callOf('mul', [S, literal(1e8, 'f64')])
    for (const type of ['i32', 'timestamp'] as const) {
      const { result } = runFused(columns, [castTo(callOf('mul', [large, literal(type === 'i32' ? 1 : 1e7, 'f64')]), type)])
      expect(result.figures.overflows).toBeGreaterThan(0)
    }
    expectSame(columns, [castTo(large, 'i32')], [above(0)])
    const nearEnd = callOf('add', [W, literal(2n ** 63n - 10n, 'i64')])
    expect(runFused(columns, [nearEnd]).blocks).toBe(0)
    const { result, blocks } = runFused(columns, [callOf('abs', [nearEnd])])
    expect([blocks, result.figures.overflows > 0]).toEqual([1, true])
    expectSame(gappy, [callOf('abs', [nearEnd])])
  })

  it('is not made of a single instruction, nor around one that cannot be part of it', () => {
    expect(expectSame(columns, [add1(X)])).toBe(0)
    expect(expectSame(columns, [callOf('exp', [add1(X)])])).toBe(0)
    expect(expectSame(columns, [callOf('abs', [callOf('exp', [callOf('neg', [add1(X)])])])])).toBe(1)
  })
})

describe('a host', () => {
  const wantedBlocks = (set: KernelSet): ReturnType<typeof evaluate> => evaluate(set, columns, [add1(X)], [above(0)], {}, true)

  it('that refuses to compile runs the instructions, and is asked once', () => {
    const set = wasmKernelSet('simd')
    const { Module } = WebAssembly
    let asked = 0
    WebAssembly.Module = class { constructor() { asked++; throw new WebAssembly.CompileError('refused by a policy') } } as never
    try {
      const expected = fingerprint(wantedBlocks(referenceKernels()))
      expect(fingerprint(wantedBlocks(set))).toBe(expected)
      expect(fingerprint(wantedBlocks(set))).toBe(expected)
      expect(asked).toBe(1)
    } finally {
      WebAssembly.Module = Module
    }
  })

  it('compiles the same block once', () => {
    const set = wasmKernelSet('simd')
    const { Module } = WebAssembly
    let compiled = 0
    WebAssembly.Module = class extends Module { constructor(bytes: BufferSource) { super(bytes); compiled++ } }
    try {
      wantedBlocks(set)
      wantedBlocks(set)
      expect(compiled).toBe(1)
    } finally {
      WebAssembly.Module = Module
    }
  })
})
