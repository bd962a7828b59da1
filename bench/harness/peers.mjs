/**
 * Peers are packages of bench/package.json alone; where they are not installed (`npm install --prefix bench`) their rows say
 * so. Each peer is used the way its pages suggest: rows are kept until the window closes, then grouped.
 */
import { Unavailable } from './bench.mjs'

/** @param {string} name of a package @returns {Promise<Record<string, never>>} */
export async function loadPeer(name) {
  try {
    return await import(name)
  } catch (error) {
    throw new Unavailable(`not installed (${/** @type {NodeJS.ErrnoException} */ (error).code ?? error})`)
  }
}

/** One array of the parts. @template {Int32Array | Float64Array} T @param {readonly T[]} parts @returns {T} */
export function concatenated(parts) {
  const [first] = parts
  const all = new /** @type {never} */ (first.constructor)(parts.reduce((length, part) => length + part.length, 0))
  let end = 0
  for (const part of parts) {
    all.set(part, end)
    end += part.length
  }
  return all
}
