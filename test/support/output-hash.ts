/**
 * A hash of result rows in the order in which they came: equal exactly when values, their types and their order are, floats by
 * their bits (all NaN are one). Runs in Node and in pages.
 */
export class OutputHash {
  readonly #float = new Float64Array(1)
  readonly #words = new Uint32Array(this.#float.buffer)
  readonly #encoder = new TextEncoder()
  #low = 0x811c9dc5
  #high = 0x01000193
  #rows = 0

  /** Takes the rows of one batch. */
  addRows(batchId: number, rows: Iterable<Readonly<Record<string, unknown>>>): void {
    for (const row of rows) {
      this.#rows++
      this.#word(batchId)
      for (const [name, value] of Object.entries(row)) {
        this.#text(name)
        this.#value(value)
      }
    }
  }

  toString(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')
    return `${this.#rows} rows ${hex(this.#high)}${hex(this.#low)}`
  }

  #value(value: unknown): void {
    if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'string') this.#text(value)
    else if (typeof value === 'bigint') this.#text(`${value}n`)
    else if (typeof value === 'boolean') this.#word(value ? 3 : 2)
    else if (value === null) this.#word(1)
    else if (typeof value === 'object' && value !== undefined) for (const part of Object.values(value)) this.#value(part)
    else throw new Error(`A result row holds ${String(value)}.`)
  }

  #number(value: number): void {
    this.#float[0] = value
    if (Number.isNaN(value)) this.#word(0x7ff80000)
    else this.#word(this.#words[0]!)
    this.#word(Number.isNaN(value) ? 0 : this.#words[1]!)
  }

  #text(text: string): void {
    const bytes = this.#encoder.encode(text)
    this.#word(bytes.length)
    for (const byte of bytes) this.#word(byte)
  }

  /** Two multiplicative hashes over the same words, of different odd factors. */
  #word(word: number): void {
    this.#low = Math.imul(this.#low ^ word, 0x01000193)
    this.#low ^= this.#low >>> 15
    this.#high = Math.imul(this.#high + word, 0x9e3779b1)
    this.#high ^= this.#high >>> 13
  }
}
