// Memory layouts shared by the kernels, the host and the twin. Portable: compiled by asc and by tsc.
// All offsets and sizes are in bytes; u32 unless said otherwise; little-endian. Nothing here is ever at address 0.

/** Counts up with every change of a layout, an opcode or an export: host and kernels must have the same. */
export const ABI_VERSION = 17

/** Rows of one vector: what an instruction works on at a time. A multiple of 64. */
export const VECTOR_ROWS = 2048
/** Bytes of a vector's validity bitmap. */
export const VECTOR_VALIDITY_BYTES = 256
/** Alignment of every allocation, and the bytes that a kernel may read (never write) past the end of any buffer. */
export const ALIGNMENT = 64

/** First address of the arena: the static data of the kernels lies below it. */
export const ARENA_BASE = 65536

// ┌ Frame: one branch of a stage at work on one task ────────────────────────────────────────────────┐
/** Instructions of the program. */
export const FRAME_PROGRAM = 0
export const FRAME_INSTRUCTION_COUNT = 4
/** Register table, REGISTER_BYTES each. */
export const FRAME_REGISTERS = 8
export const FRAME_REGISTER_COUNT = 12
/** Registers [0, count) are the task's input columns; the interpreter moves them on after every vector. */
export const FRAME_INPUT_COUNT = 16
/** The task's text table (descriptor), or 0. */
export const FRAME_TEXT_TABLE = 20
/** Selection: u16 row numbers within the vector, ascending, VECTOR_ROWS + 8 of them. */
export const FRAME_SELECTION = 24
/** i32: number of selected rows, or −1 for all rows of the vector. */
export const FRAME_SELECTION_COUNT = 28
/** Rows of the current vector. */
export const FRAME_VECTOR_ROWS = 32
/** Row number, within the task, of the current vector's first row. */
export const FRAME_VECTOR_START = 36
/** Output columns, OUTPUT_BYTES each: where `collect` appends. */
export const FRAME_OUTPUTS = 40
/** Rows appended so far. */
export const FRAME_OUTPUT_ROWS = 44
/** Group table descriptor of the terminal, or 0. */
export const FRAME_GROUP_TABLE = 48
/** f64 counters, FIGURE_… indexes. */
export const FRAME_FIGURES = 52
/** Scratch for one instruction: SCRATCH_BYTES. */
export const FRAME_SCRATCH = 56
/** f64 slots for the largest event time, by slot. */
export const FRAME_MAX_TIMES = 60
/** f64: ordinal of the task's first row, for sampling. */
export const FRAME_FIRST_ORDINAL = 64
/** A bitmap without nulls, for fused blocks. */
export const FRAME_ALL_VALID = 72
export const FRAME_BYTES = 128

// ┌ Register: one vector of values ┐
/** Address of the current vector's values. bool u8, i32, i64, f32, f64, timestamp f64, utf8 i32 code into the text table. */
export const REGISTER_VALUES = 0
/** Address of the current vector's validity bitmap; 0 = no nulls in it. */
export const REGISTER_VALIDITY = 4
/** Where an instruction writes the bitmap of this register when it has nulls (VECTOR_VALIDITY_BYTES). Inputs and constants: 0. */
export const REGISTER_OWN_VALIDITY = 8
/** Bytes from one row's value to the next; 0: one value for all rows, which SCALAR_BYTES are full of. */
export const REGISTER_STRIDE = 12
export const REGISTER_BYTES = 16
/** As much of an operand as a turn of any loop reads: eight rows of eight bytes. */
export const SCALAR_BYTES = 64

// ┌ Instruction: eight u16: op, dst, a, b, c, d, e, f ┐
export const INSTRUCTION_BYTES = 16

// ┌ Output column ┐
export const OUTPUT_VALUES = 0
/** Bitmap that `collect` writes; cleared by the host before. */
export const OUTPUT_VALIDITY = 4
/** Number of nulls appended. */
export const OUTPUT_NULL_COUNT = 8
/** Bytes per value. */
export const OUTPUT_WIDTH = 12
export const OUTPUT_BYTES = 16

// ┌ Figures: f64 counters of a frame ┐
export const FIGURE_FILTERED = 0
export const FIGURE_LATE = 1
export const FIGURE_NULL_TIME = 2
/** Rows that reached the terminal. */
export const FIGURE_ROWS_OUT = 3
export const FIGURE_OVERFLOWS = 4
/** Written by filters that are not counted. */
export const FIGURE_UNCOUNTED = 5
export const FIGURE_COUNT = 8

/** Bytes of scratch: room for eight vectors of eight-byte values. */
export const SCRATCH_BYTES = 131072

// ┌ Text table: the distinct strings of one task or one state store. Code = index of the entry. ┐
/** Which host function grows the table: TABLE_KIND_… */
export const TABLE_KIND = 0
export const TABLE_KIND_TEXT = 1
export const TABLE_KIND_GROUP = 2
/** A row table: group-rows.ts. */
export const TABLE_KIND_ROWS = 3
/** Open-addressed slots, u32: code + 1, or 0. Their number is a power of two, at most half full. */
export const TEXT_SLOTS = 4
export const TEXT_SLOT_MASK = 8
/** Entries, TEXT_ENTRY_BYTES each. */
export const TEXT_ENTRIES = 12
export const TEXT_COUNT = 16
export const TEXT_CAPACITY = 20
/** The bytes of all strings, one after the other. */
export const TEXT_HEAP = 24
export const TEXT_HEAP_USED = 28
export const TEXT_HEAP_CAPACITY = 32
export const TEXT_TABLE_BYTES = 64

/** Hash of the bytes. */
export const TEXT_ENTRY_HASH = 0
/** Offset in the heap. */
export const TEXT_ENTRY_OFFSET = 4
export const TEXT_ENTRY_LENGTH = 8
/** Free for the host or one kernel call (a renumbering, a memo); 0 when not in use. */
export const TEXT_ENTRY_MEMO = 12
/** The bytes of a string of at most TEXT_KEY_BYTES, zeros behind; unspecified for a longer one. Only the kernels look at it. */
export const TEXT_ENTRY_KEY = 16
export const TEXT_KEY_BYTES = 16
export const TEXT_ENTRY_BYTES = 32

// ┌ Group table: the groups of one task. Id = order of first appearance. TABLE_KIND is its first field. ┐
/**
 * Open-addressed slots, GROUP_SLOT_BYTES each: hash of the key row, id + 1 (0 = free). Their number is a power of two, at most
 * a quarter full.
 */
export const GROUP_SLOTS = 4
export const GROUP_SLOT_MASK = 8
export const GROUP_COUNT = 12
export const GROUP_CAPACITY = 16
/**
 * Key rows, GROUP_KEY_BYTES each: a word of null bits (bit k = key k is null), a word per key, and the pane's start if
 * GROUP_HAS_PANE.
 */
export const GROUP_KEYS = 20
export const GROUP_KEY_BYTES = 24
/** Group entries, GROUP_ENTRY_BYTES each. */
export const GROUP_ENTRIES = 28
/** State rows, GROUP_STATE_BYTES each: seen bits (one per aggregate, in whole words), then the state words. All zero at first. */
export const GROUP_STATES = 32
export const GROUP_STATE_BYTES = 36
/** Text table (descriptor) whose codes the keys and states hold. */
export const GROUP_TEXT_TABLE = 40
/** Vectors of the rows at work: GROUP_VECTOR_…. */
export const GROUP_VECTORS = 44
export const GROUP_HAS_PANE = 52
/** The slots hold groups [0, GROUP_SLOTTED); SLOTS_DIRTY: what they hold is of no use. They are filled when they are needed. */
export const GROUP_SLOTTED = 60
export const SLOTS_DIRTY = 0xffffffff
/** u64: bit k = key k is text. */
export const GROUP_TEXT_KEYS = 64
/** u64: bit k = the low half of key k's word says all of it: i32, bool, text. */
export const GROUP_SHORT_KEYS = 72
/** Whether a key of some group is null, and whether groups have more than one pane. */
export const GROUP_HAS_NULL_KEY = 80
export const GROUP_HAS_PANES = 84
/** Whether updates of statistics have to expect NaN in states: one of their arguments was NaN, or the host wants it so. */
export const GROUP_IS_EXACT = 88
/** Whether statistics of some group may not have begun: one of their arguments was passed over. */
export const GROUP_HAS_UNBEGUN = 56
/** DIRECT_…: whether groups are found in a map of all keys and panes that can be, or by hash. */
export const GROUP_DIRECT = 92
/**
 * The map: u32 address of the state row, 0 = no such group, at entry `pane slot × GROUP_DIRECT_PANE_ENTRIES + Σ (key − least) ×
 * Π (count + 1) of the keys before`. All groups are in it. GROUP_DIRECT_BYTES is its room.
 */
export const GROUP_DIRECT_MAP = 96
export const GROUP_DIRECT_BYTES = 100
/** Entries of one pane, and pane slots; f64: the pane of slot 0. */
export const GROUP_DIRECT_PANE_ENTRIES = 104
export const GROUP_DIRECT_PANES = 108
export const GROUP_DIRECT_FIRST_PANE = 112
/** DIRECT_KEYS_MAX key ranges, DIRECT_RANGE_BYTES each. */
export const GROUP_DIRECT_RANGES = 128
export const GROUP_TABLE_BYTES = 192

/** Nothing is known of the keys yet. */
export const DIRECT_UNDECIDED = 0
export const DIRECT_ON = 1
export const DIRECT_OFF = 2
/** A key takes the values [least, least + count); then comes null. i32, u32. */
export const DIRECT_RANGE_LEAST = 0
export const DIRECT_RANGE_COUNT = 4
export const DIRECT_RANGE_BYTES = 8
export const DIRECT_KEYS_MAX = 4

export const GROUP_SLOT_BYTES = 8
/** Hash of the key without the pane, by content: names its partition. */
export const GROUP_ENTRY_PARTITION = 0
export const GROUP_ENTRY_BYTES = 4

/** By row of the vector: u32 group id, and the address of the group's state row; they stay until the next `groupFind`. */
export const GROUP_VECTOR_IDS = 0
export const GROUP_VECTOR_STATES = 8192
/** State rows (u32) and numbers (u16) of the rows that an aggregate sees; its arguments, side by side, as words. */
export const GROUP_VECTOR_PICKED_STATES = 16384
export const GROUP_VECTOR_PICKED_ROWS = 24576
export const GROUP_VECTOR_VALUES = 28736
export const GROUP_VECTOR_OTHERS = 45120
/** By row: u32 hash of the key row or entry of the direct map; f64 pane. */
export const GROUP_VECTOR_PLACES = 61504
export const GROUP_VECTOR_PANES = 69696
/** One key row. */
export const GROUP_VECTOR_KEY = 86080

// ┌ Level of a table's index: finds, for one key and what the keys before it led to, a number. The last level's is the first
// │ row of the table with these keys; that of others numbers the keys so far. Built by the host, read by programs. ┐
/** Direct: keys [base, base + range) by place. 0: hashed. */
export const LEVEL_RANGE = 0
/** i32 */
export const LEVEL_BASE = 4
/**
 * Direct: u32 number + 1, or 0, for (before × range + key − base); one more 0 follows. Hashed: slots of LEVEL_SLOT_BYTES, their
 * number a power of two, at most half of them taken.
 */
export const LEVEL_SLOTS = 8
export const LEVEL_SLOT_MASK = 12
/** Direct: index of the 0 behind the last. */
export const LEVEL_MISSING = 16
export const LEVEL_BYTES = 64

/** u64: the key: an integer, or the bits of an f64 (−0 as 0, one NaN). */
export const LEVEL_SLOT_KEY = 0
/** What the keys before led to; 0 for the first. */
export const LEVEL_SLOT_BEFORE = 8
/** Number + 1; 0 = free. */
export const LEVEL_SLOT_NUMBER = 12
export const LEVEL_SLOT_BYTES = 16

// ┌ Decode descriptor: text on its way to columns. Reasons of bad records: decode-reasons.ts. ┐
/**
 * The records: [input, end). The last byte is a line feed; of CSV the byte at `end` is a double quote, and the kernel may change
 * what it has read.
 */
export const DECODE_INPUT = 0
export const DECODE_INPUT_END = 4
/** DECODE_FORMAT_… */
export const DECODE_FORMAT = 8
/** Columns to fill, DECODE_COLUMN_BYTES each. */
export const DECODE_COLUMNS = 12
export const DECODE_COLUMN_COUNT = 16
export const DECODE_TEXT_TABLE = 20
/** A longer record is bad. */
export const DECODE_RECORD_BYTES_MAX = 24
/** Bad records, BAD_BYTES each: the first DECODE_BAD_MAX. */
export const DECODE_BAD = 28
export const DECODE_BAD_MAX = 32
/** Bad records so far, also those that are not kept. */
export const DECODE_BAD_COUNT = 36
/** Rows so far: the next one goes there. */
export const DECODE_ROWS = 40
/** CSV: the delimiter, and the fields of a line, DECODE_FIELD_BYTES each. */
export const DECODE_DELIMITER = 44
export const DECODE_FIELDS = 48
export const DECODE_FIELD_COUNT = 52
/** Eight bytes for the kernel. */
export const DECODE_SCRATCH = 56
/** JSON: room for DECODE_TEMPLATE_COUNT templates, for the kernel's own use in one call; 0 = decode without. */
export const DECODE_TEMPLATES = 64
export const DECODE_TEMPLATE_BYTES = 8192
export const DECODE_TEMPLATE_COUNT = 4
/**
 * Room for the kernel's own use: as many spans as DECODE_SPAN_ROWS for each column and one column more, then addresses of as many
 * records and DECODE_LINES_AHEAD; 0 = decode record by record.
 */
export const DECODE_SPANS = 68
export const DECODE_SPAN_ROWS = 72
export const DECODE_LINES_AHEAD = 64
export const DECODE_BYTES = 128

export const DECODE_FORMAT_NDJSON = 0
export const DECODE_FORMAT_JSON = 1
export const DECODE_FORMAT_CSV = 2

/** The first eight bytes of the column's name as a word, zeros behind a shorter one. */
export const DECODE_COLUMN_WORD = 0
export const DECODE_COLUMN_NAME = 8
export const DECODE_COLUMN_NAME_BYTES = 12
/** DECODE_TYPE_… */
export const DECODE_COLUMN_TYPE = 16
export const DECODE_COLUMN_VALUES = 20
/** A bitmap, all ones at first. */
export const DECODE_COLUMN_VALIDITY = 24
export const DECODE_COLUMN_NULL_COUNT = 28
/** Of the row at work: what it has for this column; and where and why that is no value of the column. */
export const DECODE_COLUMN_STATE = 32
export const DECODE_COLUMN_REASON = 36
export const DECODE_COLUMN_AT = 40
/** A value has 1 << shift bytes. */
export const DECODE_COLUMN_SHIFT = 44
/** Its spans, by row: where the values of some records lie. */
export const DECODE_COLUMN_SPANS = 48
export const DECODE_COLUMN_BYTES = 56

/** A span: where a value begins, behind its quote if it has one; its bytes, DECODE_SPAN_QUOTED more in quotes. Zeros: none. */
export const DECODE_SPAN_LENGTH = 4
export const DECODE_SPAN_QUOTED = 0x80000000
export const DECODE_SPAN_BYTES = 8

export const DECODE_TYPE_BOOL = 0
export const DECODE_TYPE_I32 = 1
export const DECODE_TYPE_I64 = 2
export const DECODE_TYPE_F32 = 3
export const DECODE_TYPE_F64 = 4
export const DECODE_TYPE_UTF8 = 5
export const DECODE_TYPE_TIMESTAMP = 6

/** Descriptor of the column that a CSV field fills, or 0; of the line at work: the field's span and how it is quoted. */
export const DECODE_FIELD_COLUMN = 0
/** Its bytes as a span, never DECODE_SPAN_QUOTED. */
export const DECODE_FIELD_SPAN = 4
/** 0: not quoted, 1: quoted, 2: quoted with doubled quotes inside. */
export const DECODE_FIELD_QUOTED = 12
export const DECODE_FIELD_BYTES = 16

/** Of the record, from DECODE_INPUT. */
export const BAD_OFFSET = 0
/** From the record's start: the first byte that cannot be. */
export const BAD_POSITION = 4
export const BAD_REASON = 8
/** i32: index in DECODE_COLUMNS, or −1; for REASON_FIELD_COUNT the number of fields. */
export const BAD_DETAIL = 12
export const BAD_BYTES = 16
