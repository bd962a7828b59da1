/**
 * A checksum of results: equal for everybody who did the same work, in whatever order. Sums are compared to nine digits, since
 * additions of floats have no one order.
 */

const DIGITS = 9

/** @param {Record<string, number>} sums by name, in an order that is the same for all */
export function checksum(sums) {
  return Object.entries(sums).map(([name, value]) => `${name} ${Number(value.toPrecision(DIGITS))}`).join(', ')
}
