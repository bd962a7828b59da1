/** W2 against packages: those that run in a page, and Polars, which does not. */
import { AdEvents } from '../data/ad-events.mjs'
import { byMillrace, millraceName } from '../harness/millrace.mjs'
import { PEERS } from '../peers/index.mjs'
import { campaignViews } from './w2/by-millrace.mjs'
import { CampaignSums } from './w2/campaign-sums.mjs'

const BATCH_ROWS = 10_000

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const events = new AdEvents(bench.size(2_000_000, 20_000))
  const peers = PEERS.filter(peer => peer.campaignViews)
  const result = await bench.compare({
    title: `W2 against packages: ${events.rows / 1e6} M events, ${BATCH_ROWS / 1000} k rows a push`,
    amount: events.rows,
    beforeRound: round => events.moveTo(round),
    contenders: [
      byMillrace(1, () => campaignViews(1, events, BATCH_ROWS)),
      ...peers.map(({ name, campaignViews: load }) => ({
        name,
        async prepare() {
          const peer = await load(events.campaign)
          return { run: () => portion(peer, events) }
        },
      })),
    ],
  })
  const pageMs = result.fastest(name => peers.some(peer => peer.name === name && peer.isPagePackage))
  bench.measured('peers-w2/page', result.ratio(millraceName(1), pageMs))
  bench.measured('peers-w2/polars', result.ratio(millraceName(1), result.ms('nodejs-polars')))
}

/** @param {import('../peers/index.mjs').WindowPeer} peer @param {AdEvents} events */
async function portion(peer, events) {
  const sums = new CampaignSums(events)
  const { WINDOW_MS } = AdEvents
  for (let from = 0; from < events.rows; from += BATCH_ROWS) {
    const to = Math.min(events.rows, from + BATCH_ROWS)
    await peer.take(events.slice(from, to))
    const windowMs = Math.floor(events.at[from] / WINDOW_MS) * WINDOW_MS
    if (to === events.rows || events.at[to] >= windowMs + WINDOW_MS) {
      await peer.close((campaign, views) => sums.add(windowMs, campaign, views))
    }
  }
  return sums.toString()
}
