/** Polars, native, in Node alone: columns are kept until the window closes, then grouped lazily. */
import { concatenated, loadPeer } from '../harness/peers.mjs'

/** @type {import('./index.mjs').Peer} */
export const polars = {
  name: 'nodejs-polars',
  isPagePackage: false,

  async sensorWindows() {
    const { default: pl } = await loadPeer('nodejs-polars')
    let taken = []
    const v = () => pl.col('v')
    return {
      take(columns) { taken.push(columns) },
      close(emit) {
        const frame = pl.DataFrame({
          sensor: pl.Series('sensor', concatenated(taken.map(({ sensor }) => sensor))),
          v: pl.Series('v', concatenated(taken.map(({ value }) => value))),
        })
        const result = frame.lazy().groupBy('sensor').agg(
          v().count().alias('n'), v().sum().alias('total'), v().mean().alias('mean'), v().min().alias('low'),
          v().max().alias('high'), v().std().alias('sd'),
        ).collectSync()
        const columns = ['sensor', 'n', 'total', 'mean', 'low', 'high', 'sd'].map(name => result.getColumn(name).toArray())
        for (let i = 0; i < columns[0].length; i++) emit(...columns.map(column => column[i]))
        taken = []
      },
    }
  },

  async campaignViews(campaign) {
    const { default: pl } = await loadPeer('nodejs-polars')
    const ads = pl.DataFrame({
      ad: pl.Series('ad', Int32Array.from(campaign, (_, ad) => ad)),
      campaign: pl.Series('campaign', campaign),
    })
    let taken = []
    return {
      take(columns) { taken.push(columns) },
      close(emit) {
        const frame = pl.DataFrame({
          ad: pl.Series('ad', concatenated(taken.map(({ ad }) => ad))),
          kind: pl.Series('kind', concatenated(taken.map(({ kind }) => kind))),
        })
        const result = frame.lazy().filter(pl.col('kind').eq(0)).join(ads.lazy(), { on: 'ad', how: 'inner' })
          .groupBy('campaign').agg(pl.col('ad').count().alias('n')).collectSync()
        const [of, n] = ['campaign', 'n'].map(name => result.getColumn(name).toArray())
        for (let i = 0; i < of.length; i++) emit(of[i], n[i])
        taken = []
      },
    }
  },
}
