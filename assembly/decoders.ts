// A module of its own, loaded where a source has text: JSON and CSV to columns.
// Invariant: it works in the memory of the kernels, on the same layouts; what both need is compiled into each.
export { abiVersion } from './abi'
export { decodeRecords } from './decode'
export { countBytes } from './record-lines'
