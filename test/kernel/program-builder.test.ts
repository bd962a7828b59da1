/**
 * What the compiler makes of steps: shared subexpressions, registers used again, columns that nobody asks for, and the text of
 * it.
 */
import { describe, expect, it } from 'vitest'
import { ArenaScope } from '../../src/kernel/arena.js'
import { ProgramBuilder } from '../../src/kernel/program-builder.js'
import { compileBranch } from '../../src/kernel/program-compiler.js'
import { BranchProgram } from '../../src/kernel/program-runner.js'
import { describeBranch } from '../../src/kernel/program-text.js'
import { TextTable } from '../../src/kernel/text-table.js'
import type { Expression } from '../../src/plan/expression.js'
import { callOf, castTo } from '../../src/plan/function-table.js'
import type { Branch, Step } from '../../src/plan/stage.js'
import { kernelSets } from '../support/kernels.js'
import { column, literal, loadColumns, readColumn, type TestColumn } from '../support/programs.js'

const value: TestColumn = { name: 'value', type: 'f64', values: [1, 2, 3, 4, 5] }
const name: TestColumn = { name: 'name', type: 'utf8', values: ['a', 'b', 'a', null, 'c'] }
const input = [value, name].map(({ name, type }) => ({ name, type }))
const twice = callOf('mul', [column(value), literal(2, 'f64')])
const lateWatermark: Expression = { kind: 'parameter', name: 'lateWatermarkMs', operatorId: 7, type: 'timestamp' }
const terminal = { kind: 'result', outputId: 0, order: 0 } as const

const project = (columns: Readonly<Record<string, Expression>>): Step =>
  ({ kind: 'project', columns: Object.entries(columns).map(([name, expression]) => ({ name, expression })) })

function branchOf(steps: readonly Step[], columns: Readonly<Record<string, Expression>>): Branch {
  const schema = Object.entries(columns).map(([name, { type }]) => ({ name, type }))
  return { steps: [...steps, project(columns)], terminal, schema }
}

describe('compiled branches', () => {
  it('compute what is the same once, and only what reaches the end', () => {
    const used = column({ name: 'twice', type: 'f64' })
    const first = project({ twice, unused: callOf('sqrt', [column(value)]) })
    expect(describeBranch(compileBranch(input, branchOf([first], { a: callOf('add', [used, used]), b: used })))).toBe([
      't3 = mul_f64 value, 2',
      't4 = add_f64 t3, t3',
      'collect t4, #0, #1',
      'collect t3, #1, #1',
      'end_rows',
    ].join('\n'))
  })

  it('print steps, reasons and parameters', () => {
    const steps: Step[] = [
      { kind: 'filter', predicate: callOf('lt', [castTo(column(value), 'timestamp'), lateWatermark]), reason: 'late' },
      { kind: 'sample', fraction: 0.5, seed: 9 }, { kind: 'limit', rows: 10 },
    ]
    expect(describeBranch(compileBranch(input, branchOf(steps, { upper: callOf('upper', [column(name)]) })))).toBe([
      't7 = f64_to_time value',
      'filter lt_f64 t7, lateWatermarkMs[7]',
      'sample seed 9, 2147483648',
      'limit buffer(10)',
      't8 = upper name',
      'collect t8, #0, #0',
      'end_rows',
    ].join('\n'))
  })

  it('do two at once where nobody else reads what is between them', () => {
    const [v, half] = [column(value), literal(0.5, 'f64')]
    const above: Step = { kind: 'filter', predicate: callOf('gt', [twice, half]), reason: 'filtered' }
    const branch = branchOf([above], { a: callOf('add', [half, callOf('mul', [v, v])]), b: twice, c: callOf('add', [twice, v]) })
    expect(describeBranch(compileBranch(input, branch))).toBe([
      't4 = mul_f64 value, 2',
      'filter lt_f64 0.5, t4',
      't5 = mul_add_f64 value, value, 0.5',
      't6 = add_f64 t4, value',
      'collect t5, #0, #1',
      'collect t4, #1, #1',
      'collect t6, #2, #1',
      'end_rows',
    ].join('\n'))
  })

  it('multiply for a square, without a function', () => {
    const square = callOf('pow', [column(value), literal(2, 'f64')])
    expect(describeBranch(compileBranch(input, branchOf([], { square })))).toContain('= mul_f64 value, value')
  })

  it('use a register again when its value is no longer needed', () => {
    const builder = new ProgramBuilder(input)
    let sum = builder.column('value')
    for (let i = 0; i < 50; i++) sum = builder.expression(callOf('add', [{ ...column(value) }, literal(i, 'f64')]))
    let chain = column(value)
    for (let i = 0; i < 50; i++) chain = callOf('neg', [callOf('abs', [chain])])
    builder.collect({ name: 'sum', type: 'f64' }, sum)
    builder.collect({ name: 'chain', type: 'f64' }, builder.expression(chain))
    const temporaries = builder.build().registers.filter(({ kind }) => kind === 'temporary')
    expect(temporaries.length).toBeLessThanOrEqual(3)
  })
})

describe.each(kernelSets().map(set => [set.kind, set] as const))('branch program, %s', (_, set) => {
  const steps: Step[] = [
    { kind: 'filter', predicate: callOf('ge', [column(value), literal(2, 'f64')]), reason: 'filtered' },
    { kind: 'limit', rows: 3 },
  ]
  const compiled = compileBranch(input, branchOf(steps, { twice, tag: callOf('concat', [column(name), literal('!', 'utf8')]) }))

  it('runs task after task, each as if it were the first, and frees what it took', () => {
    const before = set.arena.usedBytes
    const text = new TextTable(set)
    const program = new BranchProgram(set, compiled, text)
    for (let task = 0; task < 3; task++) {
      const scope = new ArenaScope(set.arena)
      text.reset()
      // Other codes for the same text in every task.
      for (let i = 0; i < task; i++) text.intern(new TextEncoder().encode(`other ${i}`))
      const { output, figures } = program.run(scope, loadColumns(set, scope, [value, name], text),
        { parameters: {}, batchId: task, firstOrdinal: 0 })
      expect(readColumn(set, output!, 0, text)).toEqual([4, 6, 8])
      expect(readColumn(set, output!, 1, text)).toEqual(['b!', 'a!', null])
      expect(figures).toEqual({ rowsIn: 5, rowsOut: 3, filtered: 2, late: 0, nullTime: 0, overflows: 0 })
      scope.release()
    }
    program.free()
    text.free()
    expect(set.arena.usedBytes).toBe(before)
  })

  it('reads the watermarks of its task', () => {
    const pane = callOf('floorTo', [castTo(column(value), 'timestamp'), literal(2, 'f64'), literal(0, 'f64')])
    const late = callOf('lt', [pane, lateWatermark])
    const text = new TextTable(set)
    const program = new BranchProgram(set,
      compileBranch(input, branchOf([{ kind: 'filter', predicate: late, reason: 'late' }], { v: column(value) })), text)
    const keptAt = (lateWatermarkMs: number | null): unknown => {
      const scope = new ArenaScope(set.arena)
      const parameters = lateWatermarkMs === null ? {} : { 7: { lateWatermarkMs, closeWatermarkMs: 0 } }
      const { output } = program.run(scope, loadColumns(set, scope, [value, name], text),
        { parameters, batchId: 0, firstOrdinal: 0 })
      return readColumn(set, output!, 0, text)
    }
    expect(keptAt(4)).toEqual([1, 2, 3])
    expect(keptAt(Infinity)).toEqual([1, 2, 3, 4, 5])
    expect(keptAt(null)).toEqual([])
  })
})
