// Argument words of the rows at work, laid side by side.
import { registerAt } from './group-keys'
import * as O from './portable/group-opcodes'
import { REGISTER_VALUES } from './portable/layout'

/**
 * The values of a register as words, of the `n` rows listed in `rows` or of the first `n` where that is 0: where they lie, if
 * they lie so already, else written to `out`.
 */
export function wordsOf(frame: usize, register: u32, how: u32, rows: usize, n: i32, out: usize): usize {
  const values = <usize>load<u32>(registerAt(frame, register), REGISTER_VALUES)
  if (how == O.LOAD_WORD && !rows) return values
  switch (how) {
    case O.LOAD_WORD: gather<u64, u64>(values, rows, n, out); break
    case O.LOAD_I32: gather<i32, i64>(values, rows, n, out); break
    case O.LOAD_BOOL: gather<u8, i64>(values, rows, n, out); break
    case O.LOAD_F32_AS_F64: gather<f32, f64>(values, rows, n, out); break
    case O.LOAD_I32_AS_F64: gather<i32, f64>(values, rows, n, out); break
    case O.LOAD_I64_AS_F64: gather<i64, f64>(values, rows, n, out); break
    default: unreachable()
  }
  return out
}

// @ts-ignore: decorator
@inline
function gather<T, W>(values: usize, rows: usize, n: i32, out: usize): void {
  if (rows) {
    for (let i = 0; i < n; i++) {
      store<W>(out + (<usize>i << 3), <W>load<T>(values + <usize>load<u16>(rows + (<usize>i << 1)) * sizeof<T>()))
    }
  } else {
    for (let i = 0; i < n; i++) store<W>(out + (<usize>i << 3), <W>load<T>(values + <usize>i * sizeof<T>()))
  }
}
