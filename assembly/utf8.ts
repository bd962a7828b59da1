// Whether bytes are UTF-8, as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.

/** Address of the first byte of [p, end) that cannot be, or 0. A character cut off by the end is wrong at `end`. */
export function invalidUtf8(p: usize, end: usize): usize {
  while (true) {
    p = skipAscii(p, end)
    if (p >= end) return 0
    const lead = <u32>load<u8>(p++)
    let rest = 1
    // The second byte has limits of its own where the lead alone allows too much.
    let low: u32 = 0x80, high: u32 = 0xbf
    if (lead >= 0xf0) {
      rest = 3
      if (lead == 0xf0) low = 0x90
      else if (lead == 0xf4) high = 0x8f
    } else if (lead >= 0xe0) {
      rest = 2
      if (lead == 0xe0) low = 0xa0
      else if (lead == 0xed) high = 0x9f
    }
    if (lead < 0xc2 || lead > 0xf4) return p - 1
    for (; rest; rest--) {
      const c = <u32>load<u8>(p)
      if (p >= end || c < low || c > high) return p
      low = 0x80
      high = 0xbf
      p++
    }
  }
}

/** The first byte from `p` that is not ASCII, or an address that is not below `end`. */
// @ts-ignore: decorator
@inline
function skipAscii(p: usize, end: usize): usize {
  if (ASC_FEATURE_SIMD) {
    while (p < end) {
      const marks = i8x16.bitmask(v128.load(p))
      if (marks) return p + ctz(marks)
      p += 16
    }
  } else {
    while (p < end) {
      const marks = load<u64>(p) & 0x8080808080808080
      if (marks) return p + (<usize>ctz(marks) >> 3)
      p += 8
    }
  }
  return p
}
