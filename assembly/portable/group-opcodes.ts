// Instructions that group and aggregate, and the small codes in their operands. Portable: compiled by asc and by tsc.
// The interpreter hands every opcode ≥ GROUP_OPCODE_FIRST to runGroupInstruction. All are effects: they see selected rows only.

/** An operand that names no register. */
export const NO_REGISTER = 0xffff

export const GROUP_OPCODE_FIRST = 0x300

// ┌ From key registers to groups: one per key, pane, find. a = register, b = key's index. Only find does something: it reads the
// │ instructions before it. ┐
export const GROUP_KEY_F64 = 0x301
export const GROUP_KEY_F32 = 0x302
/** Also text: its code. */
export const GROUP_KEY_I32 = 0x303
export const GROUP_KEY_I64 = 0x304
export const GROUP_KEY_BOOL = 0x305
/**
 * a = time, b = its range, c = length of a pane, d = origin; or, where b is NO_REGISTER, a = the pane itself. The pane's start is
 * the last word of the key row.
 */
export const GROUP_PANE = 0x307
/** a = number of keys, b = 1 if there is a pane. */
export const GROUP_FIND = 0x308
/** Instead of all these where there is no key and no pane: every row belongs to group 0. */
export const GROUP_ALL = 0x309

// ┌ Updates: dst = byte offset of the state words, a = argument, b = second argument, c = filter register, d = seen bit,
// │ e, f = how a and b are loaded (LOAD_…). Rows where an argument is null or the filter is not true are passed over. ┐
/** state += 1. a may be missing. */
export const AGGREGATE_COUNT = 0x320
/** Words low, high: 128-bit sum of i64. */
export const AGGREGATE_SUM_I128 = 0x324
/**
 * All statistics of a number (assembly/statistics.ts): d = STATISTICS_… flags, f = offset of an f64 that counts the rows without
 * an argument, or NO_REGISTER.
 */
export const AGGREGATE_STATISTICS = 0x326
export const AGGREGATE_FIRST = 0x329
export const AGGREGATE_LAST = 0x32a
export const AGGREGATE_MIN_I64 = 0x331
export const AGGREGATE_MIN_UTF8 = 0x332
export const AGGREGATE_MAX_I64 = 0x334
export const AGGREGATE_MAX_UTF8 = 0x335
/** Words value (a), by (b). */
export const AGGREGATE_MIN_BY_F64 = 0x340
export const AGGREGATE_MIN_BY_I64 = 0x341
export const AGGREGATE_MIN_BY_UTF8 = 0x342
export const AGGREGATE_MAX_BY_F64 = 0x343
export const AGGREGATE_MAX_BY_I64 = 0x344
export const AGGREGATE_MAX_BY_UTF8 = 0x345

// ┌ Statistics: what they hold besides Σx and n, and where the words of a finished state lie ┐
export const STATISTICS_VARIANCE = 1
export const STATISTICS_EXTREMES = 2
/** The sum as i64, last. */
export const STATISTICS_INTEGER_SUM = 4
export const STATISTICS_N = 8
export const STATISTICS_MEAN = 16
export const STATISTICS_M2 = 24

// ┌ How an argument becomes an eight-byte word ┐
/** i64, f64 and timestamp: as they are. */
export const LOAD_WORD = 0
/** i32 and utf8: as an i64. */
export const LOAD_I32 = 1
export const LOAD_BOOL = 2
export const LOAD_F32_AS_F64 = 3
export const LOAD_I32_AS_F64 = 4
export const LOAD_I64_AS_F64 = 5

// ┌ What readRows reads ┐
/** A word as i64. */
export const READ_I64 = 0
/** A word as f64, every NaN being the one quiet NaN. */
export const READ_F64 = 1
export const READ_F32 = 2
/** The low half of a word: i32 and utf8. */
export const READ_I32 = 3
export const READ_BOOL = 4
/** Words low, high → i64, or null and counted where it does not fit. */
export const READ_SUM_I128 = 5
/** Words sum, n → sum / n, or null. */
export const READ_AVG = 6
/** Statistics with a variance → f64, or null where there are too few rows. */
export const READ_VARIANCE = 7
export const READ_VARIANCE_POPULATION = 8
export const READ_STDDEV = 9
export const READ_STDDEV_POPULATION = 10
/** A word as f64 → i32. */
export const READ_F64_AS_I32 = 11
/** `bit` of a reading for what is never null. */
export const NO_BIT = 0xffff
/** `bit` of what is null where a count is 0: plus the number of the count's word in the row. */
export const SEEN_BY_COUNT = 0x10000
