/**
 * Gives a plan its fused blocks before it goes to the workers.
 * Invariant: they are made where the kernels can call them and nobody switched them off; a plan without them runs as well.
 */
import { isOn } from '../plan/fast-path.js'
import type { ExecutorPlan } from '../plan/task.js'
import type { KernelChoice } from './protocol.js'

/** @param isShared whether the kernels' memory is shared between threads. */
export async function withBlocks(plan: ExecutorPlan, { kind }: KernelChoice, isShared: boolean): Promise<ExecutorPlan> {
  if (kind !== 'simd' || !isOn(plan.fastPaths, 'fusedPrograms')) return plan
  try {
    const { blocksOfPlan } = await import('../kernel/fused/program-blocks.js')
    return { ...plan, blocks: blocksOfPlan(plan.plan, isShared, plan.fastPaths) }
  } catch {
    // The file cannot be had (an offline page, a bundle without it): the programs are interpreted.
    return plan
  }
}
