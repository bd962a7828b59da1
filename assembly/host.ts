// What the kernels ask of the host, all rare: more room for a table, work on text that only JavaScript knows, and instructions
// of a module that not every plan needs.

/**
 * Makes room in a text or group table: afterwards it holds at least `count` entries and `heapBytes` bytes of text, or of the
 * direct map, whose content is lost. Addresses in the descriptor change.
 */
// @ts-ignore: decorator
@external("env", "growTable")
export declare function growTable(descriptor: usize, count: i32, heapBytes: i32): void

/**
 * Zeroed memory of this instance for good. For tables that are computed once: several instances may share the memory, so that
 * what stands at a fixed address must never be written.
 */
// @ts-ignore: decorator
@external("env", "staticRoom")
export declare function staticRoom(bytes: i32): usize

/** The f64 that JavaScript's Number() reads from ASCII text that is a valid JSON number: correctly rounded. */
// @ts-ignore: decorator
@external("env", "parseFloat64")
export declare function parseFloat64(ptr: usize, length: i32): f64

/** Writes String(value) as ASCII to `out` (room for 32 bytes); returns its length. */
// @ts-ignore: decorator
@external("env", "formatFloat64")
export declare function formatFloat64(value: f64, out: usize): i32

/**
 * Maps UTF-8 text that is not all ASCII: kind 0 toLowerCase, 1 toUpperCase, 2 trim. Writes to `out` (room for 3 × length
 * bytes); returns the length.
 */
// @ts-ignore: decorator
@external("env", "mapText")
export declare function mapText(kind: i32, ptr: usize, length: i32, out: usize): i32

/** Runs an instruction of `functions.ts` over the vector. */
// @ts-ignore: decorator
@external("env", "runFunction")
export declare function runFunction(frame: usize, instruction: usize): void
