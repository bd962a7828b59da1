// Whether bytes are equal, where there are more than a few: names of columns, long strings.

/** Whether `length` bytes at `a` and at `b` are equal, from the ninth on; there are more than eight. */
export function equalTails(a: usize, b: usize, length: usize): bool {
  const last = length - 8
  for (let i: usize = 8; i < last; i += 8) {
    if (load<u64>(a + i) != load<u64>(b + i)) return false
  }
  return load<u64>(a + last) == load<u64>(b + last)
}

/** Whether they are equal, all of them. */
export function equalLong(a: usize, b: usize, length: usize): bool {
  return load<u64>(a) == load<u64>(b) && equalTails(a, b, length)
}
