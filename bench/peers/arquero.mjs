/** Arquero: columns are kept until the window closes, then rolled up. */
import { concatenated, loadPeer } from '../harness/peers.mjs'

/** @type {import('./index.mjs').Peer} */
export const arquero = {
  name: 'Arquero',
  isPagePackage: true,

  async sensorWindows() {
    const { op, table } = await loadPeer('arquero')
    let sensors = []
    let values = []
    return {
      take({ sensor, value }) {
        sensors.push(sensor)
        values.push(value)
      },
      close(emit) {
        const result = table({ sensor: concatenated(sensors), v: concatenated(values) }).groupby('sensor').rollup({
          n: op.count(), total: op.sum('v'), mean: op.mean('v'), low: op.min('v'), high: op.max('v'), sd: op.stdev('v'),
        })
        const get = ['sensor', 'n', 'total', 'mean', 'low', 'high', 'sd'].map(name => result.getter(name))
        for (let i = 0; i < result.numRows(); i++) emit(...get.map(value => value(i)))
        sensors = []
        values = []
      },
    }
  },

  async campaignViews(campaign) {
    const { table } = await loadPeer('arquero')
    const ads = table({ ad: Int32Array.from(campaign, (_, ad) => ad), campaign })
    let taken = []
    return {
      take(columns) { taken.push(columns) },
      close(emit) {
        const events = table({ ad: concatenated(taken.map(({ ad }) => ad)), kind: concatenated(taken.map(({ kind }) => kind)) })
        const result = events.filter(d => d.kind === 0).lookup(ads, 'ad', 'campaign').groupby('campaign').count()
        const [of, n] = ['campaign', 'count'].map(name => result.getter(name))
        for (let i = 0; i < result.numRows(); i++) emit(of(i), n(i))
        taken = []
      },
    }
  },
}
