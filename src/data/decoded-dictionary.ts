/**
 * The strings of a block's dictionary as JavaScript's, each decoded when it is first asked for, and once.
 */
import type { TextDictionary } from './column.js'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

export class DecodedDictionary {
  readonly #dictionary: TextDictionary
  readonly #texts: (string | undefined)[]

  constructor(dictionary: TextDictionary) {
    this.#dictionary = dictionary
    this.#texts = new Array<string | undefined>(Math.max(0, dictionary.offsets.length - 1))
  }

  text(code: number): string {
    return (this.#texts[code] ??= this.#decode(code))
  }

  #decode(code: number): string {
    const { offsets, bytes } = this.#dictionary
    const entry = bytes.subarray(offsets[code]!, offsets[code + 1]!)
    // Browsers refuse to decode shared memory, so an entry in it is copied out first.
    return decoder.decode(entry.buffer instanceof ArrayBuffer ? entry : entry.slice())
  }
}
