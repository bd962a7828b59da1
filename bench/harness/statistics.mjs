/** Figures of repeated measurements. */

/** @param {readonly number[]} values at least one */
export function median(values) {
  return quantile(values, 0.5)
}

/** By linear interpolation between the two nearest ranks. @param {readonly number[]} values @param {number} q in [0, 1] */
export function quantile(values, q) {
  const sorted = Float64Array.from(values).sort()
  const position = (sorted.length - 1) * q
  const low = Math.floor(position)
  const high = Math.min(low + 1, sorted.length - 1)
  return sorted[low] + (sorted[high] - sorted[low]) * (position - low)
}
