/**
 * What `explain` calls the instructions, by opcode: their constants' names. The build puts a list in the place of this module,
 * a quarter as long, since a namespace that is read whole becomes a function for each of its constants.
 */
import * as G from '../../assembly/portable/group-opcodes.js'
import * as O from '../../assembly/portable/opcodes.js'

/** Bounds and shifts among the opcodes. */
const NO_OPCODES = ['OP_FAMILY_SHIFT', 'OP_GROUP_FIRST', 'GROUP_OPCODE_FIRST']

export const OPCODE_NAMES: ReadonlyMap<number, string> = new Map(Object.entries({ ...O, ...G })
  .filter(([name]) => /^(OP|GROUP|AGGREGATE)_/.test(name) && !NO_OPCODES.includes(name))
  .map(([name, op]) => [Number(op), name.replace(/^(OP|AGGREGATE)_/, '').toLowerCase()]))
