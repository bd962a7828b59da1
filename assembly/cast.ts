// Casts between numbers, bool and time. A value that does not fit becomes null and is counted where its row is selected.
import { fitsInteger } from './integer'
import {
  OP_BOOL_TO_I32, OP_F32_TO_F64, OP_F64_TO_BOOL, OP_F64_TO_F32, OP_F64_TO_I32, OP_F64_TO_I64, OP_F64_TO_TIME, OP_I32_TO_BOOL,
  OP_I32_TO_F64, OP_I32_TO_I64, OP_I64_TO_BOOL, OP_I64_TO_F64, OP_I64_TO_I32, TIME_MAX_MS,
} from './portable/opcodes'
import { addOverflow, dstOf, isValid, operandA, passNulls, rowsOf, validityOf, valuesOf } from './vector'

export function runCast(frame: usize, instruction: usize, op: i32): void {
  const n = rowsOf(frame)
  const dst = dstOf(frame, instruction)
  const register = operandA(frame, instruction)
  passNulls(dst, register, n)
  const a = valuesOf(register)
  const out = valuesOf(dst)
  switch (op) {
    case OP_BOOL_TO_I32: return convert<u8, i32>(a, out, n)
    case OP_I32_TO_BOOL: return test<i32>(a, out, n)
    case OP_I32_TO_I64: return convert<i32, i64>(a, out, n)
    case OP_I32_TO_F64: return convert<i32, f64>(a, out, n)
    case OP_I64_TO_BOOL: return test<i64>(a, out, n)
    case OP_I64_TO_I32: return narrow(frame, dst, a, n)
    case OP_I64_TO_F64: return convert<i64, f64>(a, out, n)
    case OP_F32_TO_F64: return convert<f32, f64>(a, out, n)
    case OP_F64_TO_F32: return convert<f64, f32>(a, out, n)
    case OP_F64_TO_BOOL: return test<f64>(a, out, n)
    case OP_F64_TO_I32: return truncate<i32>(frame, dst, a, n)
    case OP_F64_TO_I64: return truncate<i64>(frame, dst, a, n)
    case OP_F64_TO_TIME: return checkTime(frame, dst, a, n)
    default: unreachable()
  }
}

function convert<From, To>(a: usize, out: usize, n: i32): void {
  for (let row: usize = 0; row < <usize>n; row++) store<To>(out + row * sizeof<To>(), <To>load<From>(a + row * sizeof<From>()))
}

function test<T>(a: usize, out: usize, n: i32): void {
  for (let row: usize = 0; row < <usize>n; row++) {
    const x = load<T>(a + row * sizeof<T>())
    store<u8>(out + row, <u8>(x != 0 && x == x))
  }
}

function narrow(frame: usize, dst: usize, a: usize, n: i32): void {
  const out = valuesOf(dst)
  for (let row = 0; row < n; row++) {
    const x = load<i64>(a + (<usize>row << 3))
    store<i32>(out + (<usize>row << 2), <i32>x)
    if (<i64><i32>x != x && isValid(validityOf(dst), row)) addOverflow(frame, dst, row, n)
  }
}

function truncate<T>(frame: usize, dst: usize, a: usize, n: i32): void {
  const out = valuesOf(dst)
  for (let row = 0; row < n; row++) {
    const x = load<f64>(a + (<usize>row << 3))
    const fits = fitsInteger<T>(x)
    store<T>(out + <usize>row * sizeof<T>(), fits ? <T>x : 0)
    if (!fits && isValid(validityOf(dst), row)) addOverflow(frame, dst, row, n)
  }
}

function checkTime(frame: usize, dst: usize, a: usize, n: i32): void {
  const out = valuesOf(dst)
  for (let row = 0; row < n; row++) {
    const at = <usize>row << 3
    const x = load<f64>(a + at)
    store<f64>(out + at, x)
    if (!(abs<f64>(x) <= TIME_MAX_MS) && isValid(validityOf(dst), row)) addOverflow(frame, dst, row, n)
  }
}
