// Why a record is bad: the codes that the decoders write. Their texts are in src/kernel/bad-record.ts.
// Portable: compiled by asc and by tsc.

/** Longest nesting of objects and lists within a value that no column takes. */
export const NESTING_MAX = 64

/** Any format. */
export const REASON_TOO_LONG = 1
export const REASON_UTF8 = 2

/** JSON: what the grammar has no place for. */
export const REASON_NOT_OBJECT = 10
export const REASON_KEY = 11
export const REASON_COLON = 12
export const REASON_COMMA_OR_BRACE = 13
export const REASON_COMMA_OR_BRACKET = 14
export const REASON_VALUE = 15
export const REASON_NUMBER = 16
export const REASON_ESCAPE = 17
export const REASON_SURROGATE = 18
export const REASON_CONTROL = 19
export const REASON_STRING_END = 20
export const REASON_TRAILING = 21
export const REASON_TOO_DEEP = 22
export const REASON_OBJECT = 23

/** CSV. */
export const REASON_QUOTE_INSIDE = 30
export const REASON_BEHIND_QUOTE = 31
export const REASON_QUOTE_END = 32
export const REASON_FIELD_COUNT = 33

/** A value that its column cannot hold; the entry names the column. */
export const REASON_NOT_NUMBER = 40
export const REASON_NOT_WHOLE = 41
export const REASON_OUT_OF_RANGE = 42
export const REASON_NOT_TEXT = 43
export const REASON_NOT_BOOL = 44
export const REASON_NOT_TIMESTAMP = 45
