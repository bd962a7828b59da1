/**
 * Sources of the user's own: a function that is given the intake and pushes into it.
 */
import { sourceParts, type SourceOptions } from './options.js'
import type { Intake, Source, SourceConnection, SourceSchema } from './source.js'

export interface CustomSource<S extends SourceSchema> extends SourceOptions<S> {
  /**
   * Whether it waits for `intake.ready()` before it pushes; false makes `dropOldest` the default overflow policy. Default true.
   */
  readonly canPause?: boolean
  /** Starts it; returns how to close it. A throw, or a rejected promise, fails the source. */
  start(intake: Intake): SourceConnection | (() => void | Promise<void>) | void | Promise<void>
}

/**
 * A source made of a function. Default format `rows`.
 * @example
 * custom({
 *   schema: { x: 'f64', y: 'f64' },
 *   canPause: false,
 *   start(intake) {
 *     const onMove = (event: PointerEvent) => intake.pushRows([{ x: event.clientX, y: event.clientY }])
 *     addEventListener('pointermove', onMove)
 *     return () => removeEventListener('pointermove', onMove)
 *   },
 * })
 */
export function custom<const S extends SourceSchema>(source: CustomSource<S>): Source<S> {
  const { canPause = true } = source
  return {
    ...sourceParts(source, { name: 'custom()', format: 'rows', canPause }),
    start(intake) {
      try {
        const started = source.start(intake)
        if (typeof started === 'function') return { close: started }
        if (started && 'close' in started) return started
        if (started) started.catch((error: unknown) => intake.fail(error))
      } catch (error) {
        intake.fail(error)
      }
      return { close() {} }
    },
  }
}
