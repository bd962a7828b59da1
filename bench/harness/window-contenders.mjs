/** Contenders that take the pushes of WindowedColumns and hand the rows of each window to sums, which give the checksum. */

/**
 * @typedef {{ add(windowMs: number, ...figures: number[]): void, toString(): string }} Sums
 * @typedef {import('./bench.mjs').Contender} Contender
 * @typedef {import('../data/windowed-columns.mjs').WindowedColumns<Record<string, Int32Array | Float64Array>>} Data
 */

/**
 * What a comparison of windows is about.
 * @template {Data} D @template {Sums} S
 * @typedef {object} WindowWork
 * @property {D} data
 * @property {number} batchRows of a push
 * @property {(data: D) => S} newSums
 */

/**
 * A loop written by hand. It sees every push and is told when there are no more.
 * @template {Data} D @template {Sums} S
 * @param {string} name
 * @param {(sums: S, data: D) => { take(columns: never): void, end(): void }} loop
 * @param {WindowWork<D, S>} work @returns {Contender}
 */
export const byHand = (name, loop, { data, batchRows, newSums }) => ({
  name,
  prepare: () => ({
    run() {
      const sums = newSums(data)
      const { take, end } = loop(sums, data)
      for (const columns of data.pushes(batchRows)) take(/** @type {never} */ (columns))
      end()
      return sums.toString()
    },
  }),
})

/**
 * A package. A push never crosses the edge of a window in these data, so it is told when one closes.
 * @template {Data} D @template {Sums} S
 * @param {string} name
 * @param {() => Promise<import('../peers/index.mjs').WindowPeer>} load
 * @param {WindowWork<D, S>} work @returns {Contender}
 */
export const byPeer = (name, load, { data, batchRows, newSums }) => ({
  name,
  async prepare() {
    const peer = await load()
    return {
      async run() {
        const sums = newSums(data)
        let to = 0
        for (const columns of data.pushes(batchRows)) {
          await peer.take(columns)
          to += columns.at.length
          const windowMs = Math.floor(columns.at[0] / data.windowMs) * data.windowMs
          const isLast = to === data.rows || data.at[to] >= windowMs + data.windowMs
          if (isLast) await peer.close((...figures) => sums.add(windowMs, ...figures))
        }
        return sums.toString()
      },
    }
  },
})
