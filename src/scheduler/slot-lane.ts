/**
 * The calls that are under way to one slot. They are made one behind the other without waiting for answers, so that a worker
 * finds its next tasks when it has done the last.
 * Invariant: a slot that has failed gets no call until all that are under way have settled and it has been mended; only then is
 * it known which of them count.
 */
export class SlotLane {
  /** Its state is not what it should be. */
  isStale = false
  readonly #underWay = new Set<Promise<unknown>>()
  #mending: Promise<void> | null = null

  /** Makes a call at once: the slot is sound. */
  call<T>(make: () => Promise<T>): Promise<T> {
    const call = make().finally(() => this.#underWay.delete(call))
    this.#underWay.add(call)
    return call
  }

  /** Mends the slot; several who need it wait for one mending, and fail with it. */
  mend(rebuild: () => Promise<void>): Promise<void> {
    return (this.#mending ??= this.#mend(rebuild).finally(() => { this.#mending = null }))
  }

  async #mend(rebuild: () => Promise<void>): Promise<void> {
    await Promise.allSettled(this.#underWay)
    await rebuild()
    this.isStale = false
  }
}
