/**
 * A parser of NDJSON readings in JavaScript, straight from the bytes, for one schema: {sensor: text, t: integer, value: decimal}.
 * Keys may stand in any order; a line with anything that it does not know (escapes, spaces, null) goes to JSON.parse.
 * Texts are compared byte by byte with those seen before, by a hash.
 */

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const DOT = 46
const COLON = 58
const BACKSLASH = 92
const CLOSE = 125
const LINE_FEED = 10
const LETTER_S = 115
const LETTER_T = 116
const ZERO = 48
const SLOTS = 4096
const FRACTION_DIGITS_MAX = 15
const POWERS_OF_TEN = Float64Array.from({ length: FRACTION_DIGITS_MAX + 1 }, (_, i) => 10 ** i)

/**
 * @param {{ push(code: number, t: number, value: number): void, code(text: string): number }} columns
 * @returns {(bytes: Uint8Array) => void} for whole lines
 */
export function byteParser(columns) {
  const decoder = new TextDecoder()
  const texts = new TextCodes(columns, decoder)
  let at = 0
  let value = 0
  let isKnown = true

  /** @param {Uint8Array} bytes */
  const number = bytes => {
    const isNegative = bytes[at] === MINUS
    if (isNegative) at++
    const start = at
    let digits = 0
    let byte = bytes[at]
    for (; byte >= ZERO && byte < COLON; byte = bytes[++at]) digits = digits * 10 + (byte - ZERO)
    if (at === start) isKnown = false
    let fraction = 0
    if (byte === DOT) {
      byte = bytes[++at]
      for (; byte >= ZERO && byte < COLON; byte = bytes[++at], fraction++) digits = digits * 10 + (byte - ZERO)
    }
    if (fraction > FRACTION_DIGITS_MAX || digits > Number.MAX_SAFE_INTEGER) isKnown = false
    const magnitude = fraction > 0 ? digits / POWERS_OF_TEN[fraction] : digits
    value = isNegative ? -magnitude : magnitude
  }

  /** Reads a line from `at`, past its brace. @param {Uint8Array} bytes */
  const line = bytes => {
    let code = 0
    let t = 0
    let reading = 0
    isKnown = true
    for (at++; isKnown; at++) {
      const key = bytes[at + 1]
      if (bytes[at] !== QUOTE) return false
      at += key === LETTER_T ? 3 : key === LETTER_S ? 8 : 7
      if (bytes[at] !== COLON) return false
      at++
      if (key === LETTER_S) {
        const end = texts.endOf(bytes, at)
        if (end < 0) return false
        code = texts.code
        at = end + 1
      } else {
        number(bytes)
        if (key === LETTER_T) t = value
        else reading = value
      }
      if (bytes[at] === COMMA) continue
      if (!isKnown || bytes[at] !== CLOSE || bytes[at + 1] !== LINE_FEED) return false
      columns.push(code, t, reading)
      at += 2
      return true
    }
    return false
  }

  return bytes => {
    for (at = 0; at < bytes.length;) {
      const start = at
      if (line(bytes)) continue
      const end = bytes.indexOf(LINE_FEED, start)
      const { sensor, t, value: reading } = JSON.parse(decoder.decode(bytes.subarray(start, end)))
      columns.push(columns.code(sensor), t, reading ?? NaN)
      at = end + 1
    }
  }
}

/** Codes of texts by their bytes. */
class TextCodes {
  /** Of the text that was read last. */
  code = 0
  #columns
  #decoder
  #codes = new Int32Array(SLOTS).fill(-1)
  #hashes = new Int32Array(SLOTS)
  /** @type {(Uint8Array | null)[]} */
  #bytes = new Array(SLOTS).fill(null)

  /** @param {{ code(text: string): number }} columns @param {TextDecoder} decoder */
  constructor(columns, decoder) {
    this.#columns = columns
    this.#decoder = decoder
  }

  /**
   * Reads the text at `quote`; where its closing quote stands, -1 when it has escapes.
   * @param {Uint8Array} bytes @param {number} quote
   */
  endOf(bytes, quote) {
    let end = quote + 1
    let hash = 0
    for (let byte = bytes[end]; byte !== QUOTE; byte = bytes[++end]) {
      if (byte === BACKSLASH || byte === undefined) return -1
      hash = Math.imul(hash, 31) + byte | 0
    }
    let slot = Math.imul(hash, 0x9e3779b1) >>> 20
    while (this.#codes[slot] >= 0 && !(this.#hashes[slot] === hash && this.#holds(slot, bytes, quote + 1, end))) {
      slot = (slot + 1) & (SLOTS - 1)
    }
    if (this.#codes[slot] < 0) {
      const text = bytes.slice(quote + 1, end)
      this.#codes[slot] = this.#columns.code(this.#decoder.decode(text))
      this.#hashes[slot] = hash
      this.#bytes[slot] = text
    }
    this.code = this.#codes[slot]
    return end
  }

  /** @param {number} slot @param {Uint8Array} bytes @param {number} from @param {number} to */
  #holds(slot, bytes, from, to) {
    const known = /** @type {Uint8Array} */ (this.#bytes[slot])
    if (known.length !== to - from) return false
    for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return false
    return true
  }
}
