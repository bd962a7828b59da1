/**
 * What happens to records that tasks could not decode: the job fails, or they are counted, or they become rows of another source.
 * Invariant: whatever the policy, every bad record is counted in the progress and reported once a batch and source.
 */
import { assert } from '../base/errors.js'
import type { PhysicalPlan } from '../plan/stage.js'
import type { TaskResult } from '../plan/task.js'
import { badRecordError } from '../source/bad-record.js'
import type { BadRecordPolicy } from '../source/source.js'
import type { ListenerBus } from './listener.js'

/** Policies by sourceId. */
export type BadRecordPolicies = ReadonlyMap<number, BadRecordPolicy>

/**
 * Applies the policy of each source to a batch's results.
 * @throws MillraceError BAD_RECORD naming the first bad record of a source whose policy is `fail`.
 */
export function applyBadRecordPolicies(
  plan: PhysicalPlan, policies: BadRecordPolicies, batchId: number, results: readonly TaskResult[], listener: ListenerBus,
): void {
  for (const { sourceId, name } of plan.sources) {
    const own = results.filter(({ stageId }) => {
      const { input } = plan.stages[stageId]!
      return input.kind === 'source' && input.sourceId === sourceId
    })
    const numBadRecords = own.reduce((count, result) => count + result.figures.bad, 0)
    if (numBadRecords === 0) continue
    const records = own.flatMap(result => result.badRecords)
    listener.post('badRecords', { batchId, source: name, numBadRecords, records })
    const policy = policies.get(sourceId) ?? 'drop'
    if (policy === 'fail') {
      assert(records[0], `${numBadRecords} bad records of ${name} were counted and none was kept`)
      throw badRecordError(name, records[0], 'byte')
    }
    if (policy !== 'drop') policy.deliver(records.map(record => ({ source: name, ...record })))
  }
}
