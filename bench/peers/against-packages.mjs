/** One workload against the packages: those that run in a page, and Polars, which does not. */
import { byMillrace, millraceName } from '../harness/millrace.mjs'
import { byPeer } from '../harness/window-contenders.mjs'
import { PEERS } from './index.mjs'

/** @typedef {import('./index.mjs').Peer} Peer */

/**
 * @template {import('../harness/window-contenders.mjs').Data} D @template {import('../harness/window-contenders.mjs').Sums} S
 * @param {import('../harness/bench.mjs').Bench} bench
 * @param {object} comparison
 * @param {string} comparison.id of its targets
 * @param {string} comparison.title
 * @param {import('../harness/window-contenders.mjs').WindowWork<D, S>} comparison.work
 * @param {() => Promise<import('../harness/bench.mjs').Runner>} comparison.millrace
 * @param {(peer: Peer) => (() => Promise<import('./index.mjs').WindowPeer>) | undefined} comparison.loaderOf undefined: the
 * package cannot do it
 */
export async function againstPackages(bench, { id, title, work, millrace, loaderOf }) {
  const { data } = work
  const peers = PEERS.flatMap(peer => {
    const load = loaderOf(peer)
    return load ? [{ ...peer, contender: byPeer(peer.name, load, work) }] : []
  })
  const result = await bench.compare({
    title: `${title}, ${work.batchRows / 1000} k rows a push`,
    amount: data.rows,
    beforeRound: round => data.moveTo(round),
    contenders: [byMillrace(1, millrace), ...peers.map(({ contender }) => contender)],
  })
  const pageMs = result.fastest(name => peers.some(peer => peer.name === name && peer.isPagePackage))
  bench.measured(`${id}/page`, result.ratio(millraceName(1), pageMs))
  bench.measured(`${id}/polars`, result.ratio(millraceName(1), result.ms('nodejs-polars')))
}
