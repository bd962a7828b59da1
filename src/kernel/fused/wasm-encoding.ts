/**
 * WebAssembly's binary format, as far as fused blocks need it: numbers, and a module of one type of function over an imported
 * memory.
 * Invariant: what is encoded is valid or a fault of ours; a host compiles it under the same checks as any module.
 */

export const I32 = 0x7f
export const V128 = 0x7b
const FUNCTION_TYPE = 0x60
const END = 0x0b

/** Memory pages that a shared memory may have at most: the whole address space. */
const PAGES_MAX = 65_536

/** An unsigned number in LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>>= 7
  } while (rest)
  return bytes
}

/** A signed 32-bit number in LEB128. */
export function signed(value: number): number[] {
  const bytes: number[] = []
  let rest = value | 0
  for (;;) {
    const byte = rest & 0x7f
    rest >>= 7
    const isLast = (rest === 0 && !(byte & 0x40)) || (rest === -1 && (byte & 0x40) !== 0)
    bytes.push(isLast ? byte : byte | 0x80)
    if (isLast) return bytes
  }
}

function section(id: number, bytes: readonly number[]): number[] {
  return [id, ...unsigned(bytes.length), ...bytes]
}

function name(text: string): number[] {
  return [...unsigned(text.length), ...new TextEncoder().encode(text)]
}

/** A function from one i32 to one i32. */
export interface FunctionBody {
  readonly i32Locals: number
  /** They are numbered behind the parameter and the i32 locals. */
  readonly v128Locals: number
  readonly code: readonly number[]
}

/** A module that imports `env.memory` and exports its functions as `f0`, `f1`, … */
export function moduleBytes(functions: readonly FunctionBody[], isShared: boolean): Uint8Array<ArrayBuffer> {
  const count = unsigned(functions.length)
  const memory = isShared ? [3, 1, ...unsigned(PAGES_MAX)] : [0, 1]
  const bodies = functions.flatMap(({ i32Locals, v128Locals, code }) => {
    const body = [2, ...unsigned(i32Locals), I32, ...unsigned(v128Locals), V128, ...code, END]
    return [...unsigned(body.length), ...body]
  })
  return new Uint8Array([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [1, FUNCTION_TYPE, 1, I32, 1, I32]),
    ...section(2, [1, ...name('env'), ...name('memory'), 2, ...memory]),
    ...section(3, [...count, ...functions.map(() => 0)]),
    ...section(7, [...count, ...functions.flatMap((_, i) => [...name(`f${i}`), 0, ...unsigned(i)])]),
    ...section(10, [...count, ...bodies]),
  ])
}
