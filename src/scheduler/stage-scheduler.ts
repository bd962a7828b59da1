/**
 * The order of a job's stages: a stage is ready when all stages that write its shuffle are complete; a shuffle is a barrier.
 * Invariant: pure; every stage is handed out once per job.
 */
import type { PhysicalPlan, Stage } from '../plan/stage.js'

export class StageScheduler {
  readonly #plan: PhysicalPlan
  readonly #started = new Set<number>()
  readonly #completed = new Set<number>()

  constructor(plan: PhysicalPlan) {
    this.#plan = plan
  }

  /** Stages that became ready and were not handed out before, by stageId. */
  takeReady(): Stage[] {
    const ready = this.#plan.stages.filter(stage => !this.#started.has(stage.stageId) && this.#isReady(stage))
    for (const stage of ready) this.#started.add(stage.stageId)
    return ready
  }

  /** The stage runs in one call with one that it reads from: it is not handed out any more. */
  start(stageId: number): void {
    this.#started.add(stageId)
  }

  complete(stageId: number): void {
    this.#completed.add(stageId)
  }

  isComplete(stageId: number): boolean {
    return this.#completed.has(stageId)
  }

  #isReady({ input }: Stage): boolean {
    if (input.kind === 'source') return true
    const shuffle = this.#plan.shuffles.find(({ shuffleId }) => shuffleId === input.shuffleId)
    return shuffle !== undefined && shuffle.parents.every(parent => this.#completed.has(parent))
  }
}
