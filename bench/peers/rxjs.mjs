/** RxJS: an object a row through groupBy, with a duration that ends when the window does. */
import { loadPeer } from '../harness/peers.mjs'
import { accumulate, emitReading, emptyAccumulator } from './objects.mjs'

/** @type {import('./index.mjs').Peer} */
export const rxjs = {
  name: 'RxJS',
  isPagePackage: true,

  async sensorWindows() {
    const { Subject, groupBy, map, mergeMap, reduce } = await loadPeer('rxjs')
    const rows = new Subject()
    const windowEnd = new Subject()
    let out = (/** @type {number[]} */ ..._figures) => {}
    rows.pipe(
      groupBy(row => row.sensor, { duration: () => windowEnd }),
      mergeMap(group => group.pipe(
        reduce((a, row) => accumulate(a, row.value), emptyAccumulator()),
        map(a => ({ sensor: group.key, a })),
      )),
    ).subscribe(({ sensor, a }) => emitReading(sensor, a, out))
    return {
      take({ sensor, value }) {
        for (let i = 0; i < sensor.length; i++) rows.next({ sensor: sensor[i], value: value[i] })
      },
      close(emit) {
        out = emit
        windowEnd.next(undefined)
      },
    }
  },

  async campaignViews(campaign) {
    const { Subject, filter, groupBy, map, mergeMap, reduce } = await loadPeer('rxjs')
    const campaigns = new Map(Array.from(campaign, (of, ad) => [ad, of]))
    const rows = new Subject()
    const windowEnd = new Subject()
    let out = (/** @type {number[]} */ ..._figures) => {}
    rows.pipe(
      filter(row => row.kind === 0),
      groupBy(row => campaigns.get(row.ad), { duration: () => windowEnd }),
      mergeMap(group => group.pipe(reduce(n => n + 1, 0), map(n => ({ of: group.key, n })))),
    ).subscribe(({ of, n }) => out(of, n))
    return {
      take({ ad, kind }) {
        for (let i = 0; i < ad.length; i++) rows.next({ ad: ad[i], kind: kind[i] })
      },
      close(emit) {
        out = emit
        windowEnd.next(undefined)
      },
    }
  },
}
