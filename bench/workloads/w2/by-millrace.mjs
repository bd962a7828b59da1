/** W2 through the public API: the campaigns are a table of the program. */
import { StreamingContext, count, memory, tumbling } from '../../../dist/node.js'
import { ADS, VIEW } from '../../data/ad-events.mjs'
import { CampaignSums } from './campaign-sums.mjs'

/** @param {number} workers @param {import('../../data/ad-events.mjs').AdEvents} events @param {number} batchRows */
export async function campaignViews(workers, events, batchRows) {
  const context = new StreamingContext({ workers })
  const source = memory({ schema: { ad: 'i32', kind: 'i32', at: 'timestamp' } })
  const ads = Int32Array.from({ length: ADS }, (_, ad) => ad)
  const campaigns = context.table({ ad: ads, campaign: events.campaign }, { key: 'ad' })
  let sums = new CampaignSums(events)
  context.source(source)
    .withWatermark('at', 0)
    .filter(r => r.kind.eq(VIEW))
    .join(campaigns, { on: ['ad'] })
    .groupBy(r => ({ campaign: r.campaign, window: tumbling(r.at, '10 s') }))
    .aggregate(() => ({ views: count() }))
    .forEachBatch(batch => {
      const [windows, campaign, views] = ['window.start', 'campaign', 'views'].map(name => batch.column(name))
      for (let i = 0; i < batch.numRows; i++) sums.add(windows.at(i), campaign.at(i), Number(views.at(i)))
    })
  await context.start()
  return {
    async run() {
      sums = new CampaignSums(events)
      for (const push of events.pushes(batchRows)) await source.push(push)
      await source.push(events.closingRow())
      await context.processAllAvailable()
      return sums.toString()
    },
    stop: () => context.stop(),
  }
}
