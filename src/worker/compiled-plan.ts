/**
 * What the page makes of a plan before workers get it: the programs of its branches, once for all workers, functions for their
 * fused blocks, and the modules of the kernels that they call.
 * Invariant: blocks are made where the kernels can call them and nobody switched them off; a plan without them runs as well.
 */
import { isFunction } from '../../assembly/portable/opcodes.js'
import type { KernelPart } from '../base/platform-port.js'
import { compilePlan } from '../kernel/plan-compiler.js'
import type { PlanPrograms } from '../kernel/program.js'
import { isOn } from '../plan/fast-path.js'
import type { PhysicalPlan } from '../plan/stage.js'
import type { ExecutorPlan } from '../plan/task.js'
import type { LoadedKernels } from './kernel-loader.js'
import type { KernelChoice } from './protocol.js'

/** A plan that is ready to run. */
export interface CompiledPlan extends ExecutorPlan {
  readonly programs: PlanPrograms
}

/** A plan, and the kernels that it needs. */
export interface ReadyPlan {
  readonly plan: CompiledPlan
  readonly kernels: KernelChoice
}

export async function readyPlan(given: ExecutorPlan, kernels: LoadedKernels): Promise<ReadyPlan> {
  const { kind, isShared } = kernels
  const emitter = kind === 'simd' && isOn(given.fastPaths, 'fusedPrograms') ? loadEmitter() : null
  const programs = compilePlan(given.plan, given.fastPaths)
  const choice = kernels.choose(partsFor(given.plan, programs))
  const withBlocks = await emitter
  return { plan: { ...given, programs: withBlocks?.(programs, isShared) ?? programs }, kernels: await choice }
}

/** Null where the file cannot be had (an offline page, a bundle without it): the programs are interpreted then. */
async function loadEmitter(): Promise<((programs: PlanPrograms, isShared: boolean) => PlanPrograms) | null> {
  try {
    return (await import('../kernel/fused/program-blocks.js')).withBlocks
  } catch {
    return null
  }
}

/** The modules that a plan needs. */
function partsFor({ stages }: PhysicalPlan, programs: PlanPrograms): KernelPart[] {
  const all = programs.flat().flatMap(({ parts }) => parts.flatMap(({ whole, matches }) => [whole, ...matches]))
  const callsFunctions = all.some(({ instructions }) => instructions.some(({ op }) => isFunction(op)))
  const readsText = stages.some(({ input }) => input.kind === 'source' && input.format !== 'columns')
  return ['kernels', ...readsText ? ['decoders'] as const : [], ...callsFunctions ? ['functions'] as const : []]
}
