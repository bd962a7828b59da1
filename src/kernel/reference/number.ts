/**
 * Twin of assembly/number.ts: numbers as text. The grammar is a regular expression, floats come from Number(), integers from
 * BigInt.
 * Invariant: the same texts are taken, with the same values, as by the scanner in wasm.
 */
import type { Kernels } from '../kernel-set.js'
import type { KernelMemory } from '../memory.js'
import type { ReferenceContext } from './context.js'

const NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
const SPECIAL: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity }
const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
/** Digits of the largest i64. */
const INT64_DIGITS = 19

export type IntegerProblem = 'fraction' | 'range'

/** Whether some text is a number by the grammar of RFC 8259. */
export function isJsonNumber(text: string): boolean {
  return NUMBER.test(text)
}

/** The integer that a JSON number is, exactly, within 64 bits; `1.0` and `1e3` are integers. */
export function integerOf(text: string): bigint | IntegerProblem {
  const [, sign, whole, fraction = '', power = '0'] = NUMBER.exec(text) as unknown as [string, string, string, string?, string?]
  const digits = (whole + fraction).replace(/^0+/, '')
  if (digits === '') return 0n
  // Zeros at the end move into the power, so that what is left tells whether there is a fraction.
  const significant = digits.replace(/0+$/, '')
  const exponent = Number(power) - fraction.length + digits.length - significant.length
  if (exponent + significant.length > INT64_DIGITS) return 'range'
  if (exponent < 0) return 'fraction'
  const value = BigInt(sign + significant + '0'.repeat(exponent))
  return value < INT64_MIN || value > INT64_MAX ? 'range' : value
}

/** Text without the blanks around it that JSON knows. */
export function trimBlanks(text: string): string {
  return /^[ \t\r\n]|[ \t\r\n]$/.test(text) ? text.replace(/^[ \t\r\n]+/, '').replace(/[ \t\r\n]+$/, '') : text
}

/** Without a leading `+` that stands before something other than a second sign. */
export function skipSign(text: string): string {
  return /^\+[^-]/s.test(text) ? text.slice(1) : text
}

/** The float that trimmed text without a plus sign holds, or null. */
export function floatOf(text: string): number | null {
  if (isJsonNumber(text)) return Number(text)
  return Object.hasOwn(SPECIAL, text) ? SPECIAL[text]! : null
}

/** Bytes as a string of one character each: the same length, ASCII as it is. */
export function latin1Text({ u8 }: KernelMemory, ptr: number, length: number): string {
  let text = ''
  for (let i = ptr; i < ptr + length; i++) text += String.fromCharCode(u8[i]!)
  return text
}

export function numberKernels({ memory }: ReferenceContext): Pick<Kernels, 'parseDecimal' | 'parseInteger64'> {
  return {
    parseDecimal(ptr, length, out) {
      const value = floatOf(skipSign(trimBlanks(latin1Text(memory, ptr, length))))
      if (value === null) return 0
      memory.f64[out >>> 3] = value
      return 1
    },
    parseInteger64(ptr, length, out) {
      const value = readInteger(memory, ptr, length)
      if (typeof value !== 'bigint') return 0
      memory.i64[out >>> 3] = value
      return 1
    },
  }
}

/** The integer that bytes hold, with blanks around it; why it is none, or null where they hold no JSON number. */
export function readInteger(memory: KernelMemory, ptr: number, length: number): bigint | IntegerProblem | null {
  const text = skipSign(trimBlanks(latin1Text(memory, ptr, length)))
  return isJsonNumber(text) ? integerOf(text) : null
}
