/**
 * Shares the page's frames among its drawings: in each frame at most one of them is drawn, the one that is longest overdue.
 * Reduced motion makes every drawing wait at least a second.
 */
const CALM_INTERVAL_MS = 1_000

export interface Drawing {
  /** Draws no oftener than this. */
  readonly everyMs: number
  draw(nowMs: number): void
}

export class FramePainter {
  readonly #drawings: readonly { readonly drawing: Drawing; drawnAtMs: number }[]
  readonly #wantsCalm = matchMedia('(prefers-reduced-motion: reduce)')

  constructor(drawings: readonly Drawing[]) {
    this.#drawings = drawings.map(drawing => ({ drawing, drawnAtMs: -Infinity }))
  }

  start(): void {
    requestAnimationFrame(nowMs => this.#frame(nowMs))
  }

  redrawAll(): void {
    for (const entry of this.#drawings) entry.drawnAtMs = -Infinity
  }

  #frame(nowMs: number): void {
    let most: { readonly drawing: Drawing; drawnAtMs: number } | null = null
    let mostOverdueMs = 0
    for (const entry of this.#drawings) {
      const everyMs = this.#wantsCalm.matches ? Math.max(entry.drawing.everyMs, CALM_INTERVAL_MS) : entry.drawing.everyMs
      const overdueMs = nowMs - entry.drawnAtMs - everyMs
      if (overdueMs < mostOverdueMs || (most !== null && overdueMs === mostOverdueMs)) continue
      most = entry
      mostOverdueMs = overdueMs
    }
    if (most !== null) {
      most.drawnAtMs = nowMs
      most.drawing.draw(Date.now())
    }
    requestAnimationFrame(next => this.#frame(next))
  }
}
