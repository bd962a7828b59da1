// Where a byte stands that ends what is before it: the line feed of a record, the quote of a field.
// Invariant: there is one, so nothing here looks for the end of the input.

/** Address of the first byte from `p` that is `byte`. */
export function findByte(p: usize, byte: u8): usize {
  if (ASC_FEATURE_SIMD) {
    while (true) {
      const marks = i8x16.bitmask(i8x16.eq(v128.load(p), i8x16.splat(<i8>byte)))
      if (marks) return p + ctz(marks)
      p += 16
    }
  } else {
    while (true) {
      const others = load<u64>(p) ^ <u64>byte * 0x0101010101010101
      const marks = others - 0x0101010101010101 & ~others & 0x8080808080808080
      if (marks) return p + (<usize>ctz(marks) >> 3)
      p += 8
    }
  }
}
