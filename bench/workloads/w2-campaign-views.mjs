/**
 * W2, after the Yahoo streaming benchmark: keep the views, join each with the campaign of its advertisement, count per campaign
 * and 10 s. The campaigns are a table of the program. Against loops over typed arrays, and C.
 */
import { AdEvents } from '../data/ad-events.mjs'
import { byMillrace, millraceName } from '../harness/millrace.mjs'
import { byC } from '../harness/native.mjs'
import { byHand } from '../harness/window-contenders.mjs'
import { campaignViews } from './w2/by-millrace.mjs'
import { CampaignSums } from './w2/campaign-sums.mjs'
import { LOOPS } from './w2/loops.mjs'

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const events = new AdEvents(bench.size(10_000_000, 200_000))
  for (const batchRows of bench.size([10_000, 100_000], [10_000])) {
    const c = byC('w2.c', events.rows)
    const work = { data: events, batchRows, newSums: (/** @type {AdEvents} */ data) => new CampaignSums(data) }
    const result = await bench.compare({
      title: `W2: ${events.rows / 1e6} M events of 10,000 advertisements in columns, ${batchRows / 1000} k rows a push`,
      amount: events.rows,
      beforeRound: round => events.moveTo(round),
      contenders: [
        ...Object.entries(LOOPS).map(([name, loop]) => byHand(`by hand, ${name}`, loop, work)),
        c,
        ...[0, 1, 2].map(workers => byMillrace(workers, () => campaignViews(workers, events, batchRows))),
      ],
    })
    if (batchRows !== 10_000) continue
    const fastestMs = result.fastest(name => name.startsWith('by hand'))
    for (const workers of [1, 2]) {
      bench.measured(`w2/fastest/${workers}`, result.ratio(millraceName(workers), fastestMs))
      bench.measured(`w2/plain/${workers}`, result.ratio(millraceName(workers), result.ms('by hand, plain rows')))
    }
    bench.measured('w2/c/1', result.ratio(millraceName(1), result.ms(c.name)))
  }
}
