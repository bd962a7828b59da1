/**
 * Data that is at hand, played again as it once came: at the pace of its event times, or as fast as the engine takes it.
 * Invariant: the order of the data is kept; a row that lies behind an earlier one in time comes right after it.
 */
import { Breath } from './breath.js'
import { invalid, sourceParts, type SourceOptions } from './options.js'
import type { InputColumns } from './payload.js'
import { pauseFor } from './pause.js'
import { recordedColumns, recordedRows, recordedText, type Recording } from './recording.js'
import type { InputRow, Intake, Source, SourceSchema } from './source.js'

export interface ReplayOptions<S extends SourceSchema> extends SourceOptions<S> {
  /**
   * Event seconds that pass in a second: 1 is real time, 60 plays an hour in a minute. Default Infinity: as fast as possible.
   */
  readonly speed?: number
  /** The timestamp column that paces the rows; needed where `speed` is finite. */
  readonly timeColumn?: keyof S & string
}

/** Rows, columns, or text in the source's format. */
export type ReplayData<S extends SourceSchema> = readonly InputRow<S>[] | InputColumns<S> | Uint8Array | string

/** Rows pushed at once, so that back-pressure and the page's thread get their turn in between. */
const ROWS_AT_A_TIME = 8192
/** Rows that are due within this stretch go together. */
const STEP_MS = 10

/**
 * A source that plays recorded data and ends. With a finite speed and a text format, the time column (and it alone) is read on
 * the scheduler's thread.
 * @example
 * replay(await file.bytes(), { format: 'csv', schema: { at: 'timestamp', value: 'f64' }, timeColumn: 'at', speed: 60 })
 */
export function replay<const S extends SourceSchema>(data: ReplayData<S>, options: ReplayOptions<S>): Source<S> {
  const isText = typeof data === 'string' || data instanceof Uint8Array
  const parts = sourceParts(options, { name: 'replay()', format: Array.isArray(data) ? 'rows' : 'columns', canPause: true })
  const { speed = Infinity, timeColumn } = options
  if (!(speed > 0)) throw invalid(parts.name, `speed: ${String(speed)} is not a number above 0`)
  if (isText !== (parts.blockFormat !== 'columns')) {
    const what = isText ? "text was given: set format to 'json', 'ndjson' or 'csv'" : `the data are not ${parts.blockFormat} text`
    throw invalid(parts.name, what)
  }
  if (speed !== Infinity && (timeColumn === undefined || options.schema[timeColumn] !== 'timestamp')) {
    throw invalid(parts.name, `timeColumn: ${String(timeColumn)} is not a timestamp column; a finite speed needs one`)
  }
  const open = (): Recording => {
    const time = speed === Infinity ? null : timeColumn as string
    if (isText) return recordedText(parts, data as Uint8Array | string, time)
    if (Array.isArray(data)) return recordedRows(data as readonly InputRow<S>[], time)
    return recordedColumns(parts, data as InputColumns<S>, time)
  }
  return {
    ...parts,
    start(intake) {
      const controller = new AbortController()
      play(intake, open, speed, controller.signal).catch((error: unknown) => intake.fail(error))
      return { close: () => controller.abort() }
    },
  }
}

async function play(intake: Intake, open: () => Recording, speed: number, signal: AbortSignal): Promise<void> {
  const recording = open()
  const { clock } = intake
  const breath = new Breath(clock)
  const startedAtMs = clock.elapsedMs()
  const firstMs = speed === Infinity ? null : firstTime(recording)
  for (let next = 0; next < recording.length && !signal.aborted;) {
    const playedMs = (clock.elapsedMs() - startedAtMs + STEP_MS) * speed
    const dueMs = firstMs === null ? Infinity : firstMs + playedMs
    const end = firstAfter(recording, next, dueMs)
    if (end > next) {
      await intake.ready()
      recording.push(intake, next, end)
      next = end
      await breath.take()
    } else {
      await pauseFor(clock, Math.max(STEP_MS, (recording.timeAt(next)! - dueMs) / speed), signal)
    }
  }
  if (!signal.aborted) intake.end()
}

function firstTime(recording: Recording): number | null {
  for (let i = 0; i < recording.length; i++) {
    const timeMs = recording.timeAt(i)
    if (timeMs !== null) return timeMs
  }
  return null
}

/** The first row from `next` on that is not due by `dueMs`; rows without a time are due with the one before. */
function firstAfter(recording: Recording, next: number, dueMs: number): number {
  const end = Math.min(recording.length, next + ROWS_AT_A_TIME)
  if (dueMs === Infinity) return end
  for (let i = next; i < end; i++) {
    const timeMs = recording.timeAt(i)
    if (timeMs !== null && timeMs > dueMs) return i
  }
  return end
}
