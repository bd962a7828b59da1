/**
 * Perspective: a table that is updated with Arrow, and a view made when the window closes. Its standard deviation is that of the
 * population; it is turned into that of the sample. It has no join fit for this, so it does W1 alone.
 */
import { loadPeer } from '../harness/peers.mjs'

const AGGREGATES = { n: 'count', total: 'sum', mean: 'avg', low: 'min', high: 'max', sd: 'stddev' }

/** @type {import('./index.mjs').Peer} */
export const perspective = {
  name: 'Perspective',
  isPagePackage: true,

  async sensorWindows() {
    const { default: client } = await loadPeer('@perspective-dev/client')
    const arrow = await loadPeer('apache-arrow')
    const table = await client.table({ sensor: 'integer', v: 'float' })
    const columns = Object.keys(AGGREGATES)
    const expressions = Object.fromEntries(columns.map(name => [name, '"v"']))
    const vector = (/** @type {unknown} */ type, /** @type {Int32Array | Float64Array} */ data) =>
      arrow.makeVector(arrow.makeData({ type, data, length: data.length, nullCount: 0 }))
    return {
      async take({ sensor, value }) {
        const rows = new arrow.Table({ sensor: vector(new arrow.Int32(), sensor), v: vector(new arrow.Float64(), value) })
        const bytes = arrow.tableToIPC(rows, 'stream')
        await table.update(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength), { format: 'arrow' })
      },
      async close(emit) {
        const view = await table.view({ group_by: ['sensor'], columns, expressions, aggregates: AGGREGATES })
        const { __ROW_PATH__: paths, n, total, mean, low, high, sd } = await view.to_columns()
        for (const [i, path] of paths.entries()) {
          // The first row is the total of all.
          if (path.length === 0) continue
          emit(path[0], n[i], total[i], mean[i], low[i], high[i], n[i] > 1 ? sd[i] * Math.sqrt(n[i] / (n[i] - 1)) : 0)
        }
        await view.delete()
        await table.clear()
      },
    }
  },
}
