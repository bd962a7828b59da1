// The version of the ABI: a host refuses kernels of another build (a stale file behind `wasmUrl`) instead of misreading them.
import { ABI_VERSION } from './portable/layout'

export function abiVersion(): i32 {
  return ABI_VERSION
}
