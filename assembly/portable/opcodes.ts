// Opcodes of the vector programs, shared by the interpreter, the compiler and the twin. Portable: compiled by asc and by tsc.
// An instruction is (op, dst, a … f). Unless said otherwise dst and operands are registers, dst is null where an operand is null,
// and the whole vector is computed whatever the selection is. `#` marks an operand that is a plain number. A family is 64
// opcodes: op >> 6.

/** Family of an opcode: op >> OP_FAMILY_SHIFT. */
export const OP_FAMILY_SHIFT = 6
/** Opcodes from here on belong to the group instructions (aggregate.ts). */
export const OP_GROUP_FIRST = 0x300

// ┌ Family 0: arithmetic of f64 (and timestamp), IEEE 754 ┐
export const FAMILY_ARITHMETIC = 0
/** dst = a ∘ b */
export const OP_ADD_F64 = 0x000
export const OP_SUB_F64 = 0x001
export const OP_MUL_F64 = 0x002
export const OP_DIV_F64 = 0x003
/** floor(a / b) */
export const OP_FLOOR_DIV_F64 = 0x004
/** The largest c + n · b ≤ a; b and c are constant. */
export const OP_FLOOR_TO = 0x005
/** a · b + c, each rounded. */
export const OP_MUL_ADD_F64 = 0x006
/** dst = f(a) */
export const OP_NEG_F64 = 0x010
export const OP_ABS_F64 = 0x011
export const OP_SQRT_F64 = 0x012
export const OP_FLOOR_F64 = 0x013
export const OP_CEIL_F64 = 0x014
export const OP_TRUNC_F64 = 0x015
/** Half up, as Math.round. */
export const OP_ROUND_F64 = 0x016
/** −1, 1, or a itself where it is ±0 or NaN. */
export const OP_SIGN_F64 = 0x017

// ┌ Family 1: integers. What does not fit is null and counted in FIGURE_OVERFLOWS if the row is selected; a division by zero is
// null ┐
export const FAMILY_INTEGER = 1
export const OP_MOD_I32 = 0x040
export const OP_FLOOR_DIV_I32 = 0x041
export const OP_ADD_I64 = 0x042
export const OP_SUB_I64 = 0x043
export const OP_MUL_I64 = 0x044
export const OP_MOD_I64 = 0x045
export const OP_FLOOR_DIV_I64 = 0x046
export const OP_NEG_I64 = 0x047
export const OP_ABS_I64 = 0x048
/** −1, 0 or 1, an i64. */
export const OP_SIGN_I64 = 0x049

// ┌ Family 2: comparison to bool. Floats in the total order −∞ … +∞ < NaN with −0 = 0 and NaN = NaN; text by its UTF-8 bytes ┐
export const FAMILY_COMPARE = 2
export const OP_EQ_BOOL = 0x080
export const OP_NE_BOOL = 0x081
export const OP_LT_BOOL = 0x082
export const OP_LE_BOOL = 0x083
/** Also text for equality: equal codes ⇔ equal bytes. */
export const OP_EQ_I32 = 0x084
export const OP_NE_I32 = 0x085
export const OP_LT_I32 = 0x086
export const OP_LE_I32 = 0x087
export const OP_EQ_I64 = 0x088
export const OP_NE_I64 = 0x089
export const OP_LT_I64 = 0x08a
export const OP_LE_I64 = 0x08b
export const OP_EQ_F32 = 0x08c
export const OP_NE_F32 = 0x08d
export const OP_LT_F32 = 0x08e
export const OP_LE_F32 = 0x08f
/** Also timestamps. */
export const OP_EQ_F64 = 0x090
export const OP_NE_F64 = 0x091
export const OP_LT_F64 = 0x092
export const OP_LE_F64 = 0x093
export const OP_LT_TEXT = 0x096
export const OP_LE_TEXT = 0x097

// ┌ Family 3: bool, three-valued ┐
export const FAMILY_BOOLEAN = 3
/** Kleene: false and null = false. */
export const OP_AND = 0x0c0
/** Kleene: true or null = true. */
export const OP_OR = 0x0c1
export const OP_NOT = 0x0c2
/** Never null. */
export const OP_IS_NULL = 0x0c3

// ┌ Family 4: conditionals, by bytes per value or by type ┐
export const FAMILY_CONDITIONAL = 4
/** dst = a is true ? b : c; only the chosen operand's null counts. */
export const OP_IF_1 = 0x100
export const OP_IF_4 = 0x101
export const OP_IF_8 = 0x102
/** dst = a, or b where a is null. */
export const OP_COALESCE_1 = 0x104
export const OP_COALESCE_4 = 0x105
export const OP_COALESCE_8 = 0x106
/** The smaller of a and b in the order of the comparisons, a if they are equal; a null is passed over. */
export const OP_LEAST_BOOL = 0x108
export const OP_LEAST_I32 = 0x109
export const OP_LEAST_I64 = 0x10a
export const OP_LEAST_F32 = 0x10b
export const OP_LEAST_F64 = 0x10c
export const OP_LEAST_TEXT = 0x10d
export const OP_GREATEST_BOOL = 0x110
export const OP_GREATEST_I32 = 0x111
export const OP_GREATEST_I64 = 0x112
export const OP_GREATEST_F32 = 0x113
export const OP_GREATEST_F64 = 0x114
export const OP_GREATEST_TEXT = 0x115

// ┌ Family 5: casts. A value that does not fit is null and counted in FIGURE_OVERFLOWS if the row is selected ┐
export const FAMILY_CAST = 5
export const OP_BOOL_TO_I32 = 0x140
/** a ≠ 0 */
export const OP_I32_TO_BOOL = 0x142
export const OP_I32_TO_I64 = 0x143
export const OP_I32_TO_F64 = 0x144
export const OP_I64_TO_BOOL = 0x146
export const OP_I64_TO_I32 = 0x147
/** To the nearest. */
export const OP_I64_TO_F64 = 0x148
export const OP_F32_TO_F64 = 0x14a
/** To the nearest; too large is Infinity. */
export const OP_F64_TO_F32 = 0x14b
/** Neither 0 nor NaN. */
export const OP_F64_TO_BOOL = 0x14c
/** Towards zero. */
export const OP_F64_TO_I32 = 0x14d
export const OP_F64_TO_I64 = 0x14e
/** Epoch ms; what Date cannot hold does not fit. */
export const OP_F64_TO_TIME = 0x150

// ┌ Family 6: time, UTC, proleptic Gregorian. A time that Date cannot hold gives null ┐
export const FAMILY_TIME = 6
/** To i32. */
export const OP_YEAR = 0x180
/** 1 … 12 */
export const OP_MONTH = 0x181
/** 1 … 31 */
export const OP_DAY = 0x182
export const OP_HOUR = 0x183
export const OP_MINUTE = 0x184
export const OP_SECOND = 0x185
export const OP_MILLISECOND = 0x186
/** 0 = Sunday … 6 */
export const OP_DAY_OF_WEEK = 0x187
/** The start of a's span of #b months, counted from January: 1, 3 or 12. */
export const OP_TRUNCATE_MONTHS = 0x188

// ┌ Family 7: hash of a value to i32: equal values of one type hash alike. Never null: a null has a hash too ┐
export const FAMILY_HASH = 7
export const OP_HASH_BOOL = 0x1c0
export const OP_HASH_I32 = 0x1c1
export const OP_HASH_I64 = 0x1c2
export const OP_HASH_F32 = 0x1c3
export const OP_HASH_F64 = 0x1c4
export const OP_HASH_TEXT = 0x1c5

// ┌ Family 8: text. Lengths and positions count code points. `memo` is a buffer of MEMO_BYTES, kept for the task ┐
export const FAMILY_TEXT = 8
/** dst = f(a), memo b */
export const OP_LOWER = 0x200
export const OP_UPPER = 0x201
/** Without white space at both ends, as JavaScript's trim. */
export const OP_TRIM = 0x202
/** To i32. */
export const OP_LENGTH = 0x203
/** Whether a starts with b, memo c; to bool. */
export const OP_STARTS_WITH = 0x204
export const OP_ENDS_WITH = 0x205
export const OP_CONTAINS = 0x206
/** a followed by b, memo c */
export const OP_CONCAT = 0x207
/** Code points [b, c) of a; positions are i32 and cut to what is there; empty where c ≤ b. */
export const OP_SUBSTRING = 0x208
/** Casts: text that cannot be read is null and counted in FIGURE_OVERFLOWS if the row is selected. */
export const OP_BOOL_TO_TEXT = 0x210
export const OP_I32_TO_TEXT = 0x211
export const OP_I64_TO_TEXT = 0x212
/** As String(number). */
export const OP_F64_TO_TEXT = 0x213
/** ISO 8601, UTC, with milliseconds. */
export const OP_TIME_TO_TEXT = 0x214
/** true t yes y 1, false f no n 0, in any case. `b` is a memo. */
export const OP_TEXT_TO_BOOL = 0x215
/** A decimal number, cut towards zero. `b` is a memo, here and below. */
export const OP_TEXT_TO_I32 = 0x216
export const OP_TEXT_TO_I64 = 0x217
export const OP_TEXT_TO_F64 = 0x218
/** ISO 8601. */
export const OP_TEXT_TO_TIME = 0x219

// ┌ Family 9: effects, on the selected rows ┐
export const FAMILY_EFFECT = 9
/** Keeps the selected rows where a is true; adds the number of the others to figure #dst. */
export const OP_FILTER = 0x240
/** The same where comparison #c, by its opcode but not one of text, is true of a and b. */
export const OP_FILTER_COMPARED = 0x247
/** Keeps a row if hash(key a, ordinal) < b; a i32, b f64 in units of 2^−32, both constant. The others count as filtered. */
export const OP_SAMPLE = 0x241
/** Keeps rows while the f64 in buffer a, the number of rows still wanted, lasts. The others count as filtered. */
export const OP_LIMIT = 0x242
/** Appends a to output column #b; #c is 1 for floats, whose NaN leaves in its canonical form. Under a null the value is 0. */
export const OP_COLLECT = 0x243
/** Counts the rows as out, and the rows that `collect` appended as there. */
export const OP_END_ROWS = 0x244
/** Raises slot #b of the largest event times to the largest finite a, whose range is c. */
export const OP_MAX_TIME = 0x245
/** Writes the smallest and the largest time a of all rows to the buffer dst: two f64, NaN if a row has none. No effect. */
export const OP_TIME_RANGE = 0x250
/** Keeps rows whose time a, of range b, is a point in time; adds the number of the others to figure #dst. */
export const OP_KEEP_TIMED = 0x251
/**
 * Keeps rows whose time a, of range b, lies in a window that is still open: windows begin at d + n · c and are e long, the
 * watermark is f. All but a and b are constant. Figure #dst as above.
 */
export const OP_KEEP_IN_TIME = 0x252
/**
 * The next #b instructions, pure ones and filters, as one function: entry #a of the module's table, compiled by the host. Where
 * it declines a vector, they run one by one. With #c > 0 it may do the next #c too: GROUP_ALL and sums of the one group.
 */
export const OP_FUSED = 0x27f
// ┌ What the function answers ┐
export const FUSED_DECLINED = 0
export const FUSED_DONE = 1
/** The sums as well, but for their counts. */
export const FUSED_SUMMED = 2

/** Keeps the selected rows where a is (#c = 1) or is not (#c = 0) there; the others go to figure #dst. */
export const OP_FILTER_VALID = 0x246

// ┌ Family 10: tables that are joined with. A level, column or text table is a register that holds its address ┐
export const FAMILY_JOIN = 10
/**
 * dst i32 = the number that level b has for key a after what the keys before led to, c (or NO_REGISTER); null: no such row. A
 * bool is looked up as i32, f32 as f64.
 */
export const OP_FIND_I32 = 0x280
export const OP_FIND_I64 = 0x281
export const OP_FIND_F64 = 0x282
/** dst = row a of column b; null where one of them is. By bytes per value. */
export const OP_TAKE_1 = 0x283
export const OP_TAKE_4 = 0x284
export const OP_TAKE_8 = 0x285
/** dst i32 = the code of text a in text table b; null if it does not hold it. Memo c. */
export const OP_TEXT_TO_TABLE = 0x286
/** dst = the task's text of code a in text table b. Memo c. */
export const OP_TABLE_TO_TEXT = 0x287

// ┌ Family 11: functions of f64 that no machine has ┐
export const FAMILY_ELEMENTARY = 11
/** Remainder with the sign of a, as JavaScript's %. */
export const OP_MOD_F64 = 0x2c0
export const OP_POW_F64 = 0x2c1
/** Angle of the point (x = b, y = a). */
export const OP_ATAN2_F64 = 0x2c2
/** dst = f(a) */
export const OP_EXP_F64 = 0x2c8
export const OP_LN_F64 = 0x2c9
export const OP_LOG10_F64 = 0x2ca
export const OP_SIN_F64 = 0x2cb
export const OP_COS_F64 = 0x2cc
export const OP_TAN_F64 = 0x2cd

/** Whether the instruction is one of `functions.ts`, which kernels have only where a program needs it. */
export function isFunction(op: i32): boolean {
  const family = op >> OP_FAMILY_SHIFT
  return family == FAMILY_INTEGER || family == FAMILY_CONDITIONAL || family >= FAMILY_TIME && family <= FAMILY_TEXT ||
    family == FAMILY_ELEMENTARY
}

/** Whether the instruction takes registers that hold one value for all rows. */
export function takesScalars(op: i32): boolean {
  return op <= OP_FLOOR_DIV_F64 || op == OP_MUL_ADD_F64 || op >= OP_EQ_BOOL && op <= OP_LE_F64 || op == OP_FILTER_COMPARED
}

/**
 * Entries of a memo: key a + 1 (i32, 0 = free), key b (i32), result (eight bytes). Direct-mapped by (a + 31 · b) mod
 * MEMO_ENTRIES.
 */
export const MEMO_ENTRIES = 2048
export const MEMO_ENTRY_BYTES = 16
export const MEMO_BYTES = 32768

/** Largest distance from the epoch that Date can hold, in ms. */
export const TIME_MAX_MS = 8640000000000000.0
