/** DuckDB-WASM, its blocking build (no cost of messages): pushes are appended as Arrow, the window is queried when it closes. */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { loadPeer } from '../harness/peers.mjs'

/** @type {import('./index.mjs').Peer} */
export const duckdb = {
  name: 'DuckDB-WASM',
  isPagePackage: true,

  async sensorWindows() {
    const { connection, arrow } = await open()
    const insert = inserter(connection, arrow, 'readings')
    return {
      take: ({ sensor, value }) => insert({ sensor: [new arrow.Int32(), sensor], v: [new arrow.Float64(), value] }),
      close(emit) {
        const result = connection.query(`SELECT sensor, count(*)::DOUBLE n, sum(v) total, avg(v) mean, min(v) low, max(v) high,
          coalesce(stddev_samp(v), 0) sd FROM readings GROUP BY sensor`)
        emitAll(result, ['sensor', 'n', 'total', 'mean', 'low', 'high', 'sd'], emit)
        connection.query('DELETE FROM readings')
      },
    }
  },

  async campaignViews(campaign) {
    const { connection, arrow } = await open()
    inserter(connection, arrow, 'ads')({
      ad: [new arrow.Int32(), Int32Array.from(campaign, (_, ad) => ad)], campaign: [new arrow.Int32(), campaign],
    })
    const insert = inserter(connection, arrow, 'events')
    return {
      take: ({ ad, kind }) => insert({ ad: [new arrow.Int32(), ad], kind: [new arrow.Int32(), kind] }),
      close(emit) {
        const result = connection.query(`SELECT campaign, count(*)::DOUBLE n FROM events JOIN ads USING (ad) WHERE kind = 0
          GROUP BY campaign`)
        emitAll(result, ['campaign', 'n'], emit)
        connection.query('DELETE FROM events')
      },
    }
  },
}

async function open() {
  await loadPeer('@duckdb/duckdb-wasm')
  const require = createRequire(import.meta.url)
  const folder = dirname(require.resolve('@duckdb/duckdb-wasm/dist/duckdb-eh.wasm'))
  const { createDuckDB, NODE_RUNTIME, VoidLogger } = require('@duckdb/duckdb-wasm/blocking')
  const bundle = (/** @type {string} */ kind) => ({ mainModule: `${folder}/duckdb-${kind}.wasm`, mainWorker: '' })
  const database = await createDuckDB({ mvp: bundle('mvp'), eh: bundle('eh') }, new VoidLogger(), NODE_RUNTIME)
  await database.instantiate()
  return { connection: database.connect(), arrow: createRequire(`${folder}/`)('apache-arrow') }
}

/** @param {never} connection @param {never} arrow @param {string} name */
function inserter(connection, arrow, name) {
  let create = true
  return (/** @type {Record<string, [unknown, Int32Array | Float64Array]>} */ columns) => {
    const vectors = Object.entries(columns).map(([column, [type, data]]) =>
      [column, arrow.makeVector(arrow.makeData({ type, data, length: data.length, nullCount: 0 }))])
    const bytes = arrow.tableToIPC(new arrow.Table(Object.fromEntries(vectors)), 'stream')
    connection.insertArrowFromIPCStream(bytes, { name, create })
    create = false
  }
}

/** @param {never} result @param {readonly string[]} names @param {(...figures: number[]) => void} emit */
function emitAll(result, names, emit) {
  const columns = names.map(name => result.getChild(name).toArray())
  for (let i = 0; i < result.numRows; i++) emit(...columns.map(column => column[i]))
}
