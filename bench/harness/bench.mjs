/**
 * What a workload measures with: contenders in turns within one process, so that all see the same machine; medians of the rounds
 * after one that warms up; equal checksums, or the row is void. A workload hands its tables and figures to the report here.
 */
import { median } from './statistics.mjs'

const ROUNDS = 7
const SMOKE_ROUNDS = 1

/**
 * One way to do the work. It is made ready once, outside of the timing, and runs once a round.
 * @typedef {object} Contender
 * @property {string} name
 * @property {() => Promise<Runner> | Runner} prepare throws {@link Unavailable} where it cannot run on this machine
 * @property {boolean} [isMillrace]
 *
 * @typedef {object} Runner
 * @property {(round: number) => Outcome | Promise<Outcome>} run
 * @property {() => unknown} [stop]
 *
 * A runner that takes its own time (another process) gives it in `ms`.
 * @typedef {string | { checksum: string, ms: number }} Outcome
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {number | null} ms median; null: no figure, and `note` says why
 * @property {string} [note]
 *
 * @typedef {object} Table
 * @property {string} title
 * @property {readonly string[]} head
 * @property {readonly (readonly string[])[]} rows
 */

/** A contender that cannot run here: a package that is not installed, no compiler, no browser. */
export class Unavailable extends Error {}

export class Bench {
  /** @type {Table[]} */
  tables = []
  /** Measured values by the id of the target. @type {Record<string, number>} */
  figures = {}
  /** @type {string[]} */
  faults = []

  /** @param {{ isSmoke: boolean, rounds?: number | undefined }} options */
  constructor({ isSmoke, rounds }) {
    this.isSmoke = isSmoke
    this.rounds = rounds ?? (isSmoke ? SMOKE_ROUNDS : ROUNDS)
  }

  /** The size of the work: `smoke` where only the way is proven. @template T @param {T} real @param {T} smoke */
  size(real, smoke) {
    return this.isSmoke ? smoke : real
  }

  /**
   * Runs the contenders in turns; the table's ratios are against the first.
   * @param {object} work
   * @param {string} work.title
   * @param {number} work.amount of the work, in `unit`
   * @param {string} [work.unit] what a million of is counted per second
   * @param {readonly Contender[]} work.contenders
   * @param {(round: number) => void} [work.beforeRound] outside of the timing
   */
  async compare({ title, amount, unit = 'rows', contenders, beforeRound }) {
    const ready = await prepareAll(contenders)
    // One round more than counted: the first warms up.
    for (let round = 0; round <= this.rounds; round++) {
      beforeRound?.(round)
      /** The first says what is right. @type {string | null} */
      let expected = null
      for (const entry of ready) {
        if (!entry.runner || entry.note) continue
        const { checksum, ms } = await timed(entry.runner, round)
        expected ??= checksum
        if (checksum !== expected) {
          entry.note = 'void: its checksum differs'
          this.faults.push(`${title}: '${entry.name}' gives\n  ${checksum}\nand not\n  ${expected}`)
        }
        if (round > 0) entry.timesMs.push(ms)
      }
    }
    for (const { runner } of ready) await runner?.stop?.()
    const rows = ready.map(({ name, note, timesMs }) => ({ name, note, ms: note ? null : median(timesMs) }))
    this.#report(title, amount, unit, rows)
    return new Comparison(rows)
  }

  /** @param {Table} table */
  table(table) {
    this.tables.push(table)
    process.stdout.write(`\n${table.title}\n${alignedText([table.head, ...table.rows])}\n`)
  }

  /** Takes the value of a target; null and NaN are not measured. @param {string} id @param {number | null} value */
  measured(id, value) {
    if (value !== null && Number.isFinite(value)) this.figures[id] = value
  }

  /** @param {string} title @param {number} amount @param {string} unit @param {readonly Row[]} rows */
  #report(title, amount, unit, rows) {
    const yardstick = rows[0]?.ms ?? null
    this.table({
      title,
      head: ['', 'ratio', `M ${unit}/s`, 'ms'],
      rows: rows.map(({ name, ms, note }) => ms === null ? [name, note ?? 'not measured', '', '']
        : [name, yardstick === null ? '' : `×${digits(yardstick / ms)}`, digits(amount / ms / 1000), digits(ms)]),
    })
  }
}

/** Medians of one comparison. */
export class Comparison {
  /** @param {readonly Row[]} rows */
  constructor(rows) {
    this.rows = rows
  }

  /** Null when it was not measured. @param {string} name */
  ms(name) {
    return this.rows.find(row => row.name === name)?.ms ?? null
  }

  /** The fastest of those whose names are accepted. @param {(name: string) => boolean} accept */
  fastest(accept) {
    const times = this.rows.flatMap(({ name, ms }) => ms !== null && accept(name) ? [ms] : [])
    return times.length === 0 ? null : Math.min(...times)
  }

  /**
   * How many times as fast `name` was as `otherMs`; null when either was not measured.
   * @param {string} name @param {number | null} otherMs
   */
  ratio(name, otherMs) {
    const ms = this.ms(name)
    return ms === null || otherMs === null ? null : otherMs / ms
  }
}

/** @param {readonly Contender[]} contenders */
async function prepareAll(contenders) {
  const ready = []
  for (const { name, prepare } of contenders) {
    const entry = { name, runner: /** @type {Runner | null} */ (null), note: '', timesMs: /** @type {number[]} */ ([]) }
    ready.push(entry)
    try {
      entry.runner = await prepare()
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      entry.note = error.message
    }
  }
  return ready
}

/** @param {Runner} runner @param {number} round */
async function timed(runner, round) {
  // What the one before has just left to collect is not charged to the next. Not a full collection: it would age compiled code.
  globalThis.gc?.({ type: 'minor' })
  const startMs = performance.now()
  const outcome = await runner.run(round)
  const ms = performance.now() - startMs
  return typeof outcome === 'string' ? { checksum: outcome, ms } : outcome
}

/** Three digits that matter. @param {number} value */
export function digits(value) {
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)))
  return value.toFixed(Math.min(places, 6))
}

/** @param {readonly (readonly string[])[]} rows the first column to the left, the others to the right */
export function alignedText(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map(row => row[i].length)))
  const lines = rows.map(([first, ...others]) =>
    [first.padEnd(widths[0]), ...others.map((cell, i) => cell.padStart(widths[i + 1]))].join('  '))
  return lines.map(line => `  ${line}`).join('\n')
}
