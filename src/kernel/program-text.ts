/**
 * Programs as text, for `explain`: one instruction a line, such as `t5 = sub_f64 value, 20`.
 */
import { MEMO_BYTES, OP_FILTER_COMPARED } from '../../assembly/portable/opcodes.js'
import type { LiteralValue } from '../plan/expression.js'
import { describeGroupInstruction } from './group-text.js'
import { OPCODE_NAMES } from './opcode-names.js'
import type { CompiledBranch, Instruction, Operand, Program, RegisterSource, TablePart } from './program.js'

/** The instructions of a branch, one a line. */
export function describeBranch(compiled: CompiledBranch): string {
  return compiled.instructions.map(instruction => describeInstruction(compiled, instruction)).join('\n')
}

function describeInstruction(program: Program, instruction: Instruction): string {
  const { op, dst, operands } = instruction
  const group = describeGroupInstruction(instruction, operand => describeOperand(program, operand))
  if (group !== null) return group
  const shown = operands.filter(operand => !isMemo(program, operand)).map(operand => describeOperand(program, operand))
  let name = OPCODE_NAMES.get(op)
  if (op === OP_FILTER_COMPARED) {
    shown.pop()
    name = `filter ${OPCODE_NAMES.get(operands.at(-1) as number)}`
  }
  const result = typeof dst === 'number' ? '' : `${describeOperand(program, dst)} = `
  return `${result}${name}${shown.length > 0 ? ` ${shown.join(', ')}` : ''}`
}

/** A memo is nobody's business but the instruction's. */
function isMemo(program: Program, operand: Operand): boolean {
  if (typeof operand === 'number') return false
  const source = program.registers[operand.id]!
  return source.kind === 'buffer' && source.bytes === MEMO_BYTES
}

function describeOperand(program: Program, operand: Operand): string {
  return typeof operand === 'number' ? `#${operand}` : describeSource(program.registers[operand.id]!, operand.id)
}

function describeSource(source: RegisterSource, index: number): string {
  switch (source.kind) {
    case 'input': return source.name
    case 'constant': return describeLiteral(source.value)
    case 'parameter': return `${source.name}[${source.operatorId}]`
    case 'sampleKey': return `seed ${source.seed}`
    case 'buffer': return `buffer(${source.f64})`
    case 'table': return describePart(source.part)
    case 'temporary': return `t${index}`
  }
}

function describePart(part: TablePart): string {
  switch (part.kind) {
    case 'level': {
      const keys = part.index.keys.slice(0, part.level + 1).map(({ column }) => column)
      return `table${part.tableId}[${keys.join(', ')}]`
    }
    case 'column': return `table${part.tableId}.${part.column}`
    case 'text': return `table${part.tableId}.text`
  }
}

function describeLiteral(value: LiteralValue): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : String(value)
}
