// Groups as rows: how they travel in blocks and lie in state tables. Portable: compiled by asc and by tsc.
// A group row is a key row (null bits, a word per key, the pane's start if there is one) and behind it a state row (seen bits,
// state words). Offsets and bits count from the row's start; u32 unless said otherwise.

// ┌ Shape: what the rows of one aggregation look like ┐
/** Bytes of the key row, the pane included. */
export const SHAPE_KEY_BYTES = 0
/** Bytes of the whole row. */
export const SHAPE_ROW_BYTES = 4
export const SHAPE_HAS_PANE = 8
/** What merging does to a row: MERGE_BYTES each, run in their order. */
export const SHAPE_MERGES = 12
export const SHAPE_MERGE_COUNT = 16
/** Words that hold text, WORD_BYTES each. */
export const SHAPE_TEXTS = 20
export const SHAPE_TEXT_COUNT = 24
/** MERGE_SCRATCH_BYTES for one kernel call: pairs of addresses, hashes, and a word more. */
export const SHAPE_SCRATCH = 28
export const SHAPE_BYTES = 32

/** Rows that are looked up before they are merged, operation by operation: few enough to stay in the first-level cache. */
export const MERGE_CHUNK_ROWS = 128
export const MERGE_SCRATCH_BYTES = 1600

/** MERGE_… */
export const MERGE_OP = 0
/** Of the first state word. */
export const MERGE_OFFSET = 4
/** The seen bit, where the operation has one. */
export const MERGE_BIT = 8
export const MERGE_BYTES = 16

/** A word that holds a text code: where, its null or seen bit, and whether that bit means null (keys) or seen (states). */
export const WORD_OFFSET = 0
export const WORD_BIT = 4
export const WORD_IS_KEY = 8
export const WORD_BYTES = 16

// ┌ Row table: groups of one pane of a state, or of all of it where there are no windows. Row number = order of appearance. ┐
// TABLE_KIND is its first field.
/** Open-addressed slots, ROWS_SLOT_BYTES each: hash of the key without the pane, row number + 1 (0 = free). At most half full. */
export const ROWS_SLOTS = 4
export const ROWS_SLOT_MASK = 8
export const ROWS_COUNT = 12
export const ROWS_CAPACITY = 16
export const ROWS_FIRST = 20
export const ROWS_SHAPE = 24
/** Text table (descriptor) whose codes the rows hold. */
export const ROWS_TEXT_TABLE = 28
/** A bit per row, in whole u64 words: rows were merged into it since the bits were cleared. */
export const ROWS_TOUCHED = 32
/** Bytes of kernel memory that it takes up; kept by the host. */
export const ROWS_USED_BYTES = 36
/** Not 0: a bit of ROWS_TOUCHED may be set. Written together with the word behind it. */
export const ROWS_IS_TOUCHED = 40
/** Not 0: rows were merged into it since the host cleared this, which it does when it notes the version. */
export const ROWS_IS_CHANGED = 44
export const ROWS_TABLE_BYTES = 64

export const ROWS_SLOT_BYTES = 8

// ┌ State: the panes that rows are merged into ┐
export const STATE_SHAPE = 0
export const STATE_TEXT_TABLE = 4
/** PANE_BYTES each, ascending; one with any start where there are no windows. */
export const STATE_PANES = 8
export const STATE_PANE_COUNT = 12
export const STATE_BYTES = 16

/** f64. */
export const PANE_START = 0
export const PANE_TABLE = 8
export const PANE_BYTES = 16

// ┌ What merging does to the state words of a row (`to`) with those of another (`from`) ┐
/** f64: adds. */
export const MERGE_ADD_F64 = 1
/** Words low, high: adds 128-bit numbers. */
export const MERGE_ADD_I128 = 3
/** Keeps the word that was seen first, or last. */
export const MERGE_FIRST = 5
export const MERGE_LAST = 6
/** The least or greatest word; text by its bytes, the words being codes. NaN is greatest, ties keep `to`. */
export const MERGE_MIN_I64 = 9
export const MERGE_MIN_UTF8 = 10
export const MERGE_MAX_I64 = 12
export const MERGE_MAX_UTF8 = 13
/** Words value, by: the value of the least or greatest `by`. */
export const MERGE_MIN_BY_F64 = 16
export const MERGE_MIN_BY_I64 = 17
export const MERGE_MIN_BY_UTF8 = 18
export const MERGE_MAX_BY_F64 = 19
export const MERGE_MAX_BY_I64 = 20
export const MERGE_MAX_BY_UTF8 = 21
/** A word of seen bits: what was seen in either. Stands after the operations that read seen bits. */
export const MERGE_SEEN = 24
/** Finished statistics (assembly/statistics.ts); plus STATISTICS_… flags. Variances by Chan, Golub, LeVeque 1979. */
export const MERGE_STATISTICS = 32

// ┌ Reading: one column of result rows, READING_BYTES each ┐
/** READ_… of group-opcodes.ts. */
export const READING_KIND = 0
export const READING_OFFSET = 4
/** Null or seen bit, or NO_BIT. */
export const READING_BIT = 8
export const READING_IS_KEY = 12
export const READING_VALUES = 16
/** Bitmap, all ones before. */
export const READING_VALIDITY = 20
/** Nulls found so far. */
export const READING_NULL_COUNT = 24
export const READING_BYTES = 32
