/**
 * An intake as the engine makes it, with what it reports written down.
 */
import { ManualClock } from '../../src/platform/manual-clock.js'
import { SourceIntake, type SourceIntakeOptions } from '../../src/source/source-intake.js'
import type { Source, SourceConnection, SourceEvent } from '../../src/source/source.js'
import type { Clock } from '../../src/base/ports.js'
import { PooledBlockMemory } from '../../src/data/block-memory.js'

export interface OpenIntake {
  readonly intake: SourceIntake
  readonly clock: ManualClock
  readonly failures: Error[]
  readonly events: SourceEvent[]
  readonly badReasons: string[]
  readonly calls: { data: number; end: number }
}

/** Opens an intake for a source without starting it. */
export function openIntake(source: Source, options: Partial<SourceIntakeOptions> = {}): OpenIntake {
  const clock = new ManualClock(1_000_000)
  const opened =
    { clock, failures: [] as Error[], events: [] as SourceEvent[], badReasons: [] as string[], calls: { data: 0, end: 0 } }
  const intake = new SourceIntake({
    source, sourceId: 0, clock,
    memory: new PooledBlockMemory(false),
    onData: () => void opened.calls.data++,
    onEnd: () => void opened.calls.end++,
    onFail: error => void opened.failures.push(error),
    onEvent: event => void opened.events.push(event),
    onBadRecords: records => void opened.badReasons.push(...records.map(({ offset, reason }) => `${offset}: ${reason}`)),
    ...options,
  })
  return { ...opened, intake }
}

/** Opens an intake, on real time unless told otherwise, and starts the source on it. */
export function startSource(source: Source,
  options: Partial<SourceIntakeOptions> = {}): OpenIntake & { readonly connection: SourceConnection } {
  const opened = openIntake(source, { clock: realClock, ...options })
  return { ...opened, connection: source.start(opened.intake) }
}

export const realClock: Clock = {
  now: () => Date.now(),
  elapsedMs: () => performance.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}

/** Waits until `holds` is true; the test's time limit ends a wait in vain. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 2))
}
