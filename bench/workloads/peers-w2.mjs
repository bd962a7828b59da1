/** W2 against packages. On fewer rows, since the slowest takes long. */
import { AdEvents } from '../data/ad-events.mjs'
import { againstPackages } from '../peers/against-packages.mjs'
import { campaignViews } from './w2/by-millrace.mjs'
import { CampaignSums } from './w2/campaign-sums.mjs'

const BATCH_ROWS = 10_000

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const events = new AdEvents(bench.size(2_000_000, 20_000))
  await againstPackages(bench, {
    id: 'peers-w2',
    title: `W2 against packages: ${events.rows / 1e6} M events`,
    work: { data: events, batchRows: BATCH_ROWS, newSums: data => new CampaignSums(data) },
    millrace: () => campaignViews(1, events, BATCH_ROWS),
    loaderOf: ({ campaignViews: load }) => load && (() => load(events.campaign)),
  })
}
