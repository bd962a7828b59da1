/**
 * From outputs to the physical plan: optimizer rules, then stages. The one way that everything which runs or explains a plan
 * takes.
 */
import type { Output } from './node.js'
import { optimize } from './optimizer.js'
import type { PhysicalPlan } from './stage.js'
import { cutStages } from './stage-cutter.js'

/** The physical plan of these outputs; work that they share is planned once. */
export function planOutputs(outputs: readonly Output[]): PhysicalPlan {
  return cutStages(optimize(outputs).outputs)
}
