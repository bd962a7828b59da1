/**
 * What the page makes of a plan before workers get it: the programs of its branches, once for all workers, and functions for
 * their fused blocks.
 * Invariant: blocks are made where the kernels can call them and nobody switched them off; a plan without them runs as well.
 */
import type { PlanPrograms } from '../kernel/program.js'
import { compilePlan } from '../kernel/plan-compiler.js'
import { isOn } from '../plan/fast-path.js'
import type { ExecutorPlan } from '../plan/task.js'
import type { KernelChoice } from './protocol.js'

/** A plan that is ready to run. */
export interface CompiledPlan extends ExecutorPlan {
  readonly programs: PlanPrograms
}

/** @param isShared whether the kernels' memory is shared between threads. */
export async function compiledPlan(plan: ExecutorPlan, { kind }: KernelChoice, isShared: boolean): Promise<CompiledPlan> {
  const programs = compilePlan(plan.plan, plan.fastPaths)
  if (kind !== 'simd' || !isOn(plan.fastPaths, 'fusedPrograms')) return { ...plan, programs }
  try {
    const { withBlocks } = await import('../kernel/fused/program-blocks.js')
    return { ...plan, programs: withBlocks(programs, isShared) }
  } catch {
    // The file cannot be had (an offline page, a bundle without it): the programs are interpreted.
    return { ...plan, programs }
  }
}
