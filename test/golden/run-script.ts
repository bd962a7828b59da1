/**
 * Runs a golden script: builds its pipeline in a context of its own, feeds it step by step, and writes down what came out of
 * each. A step is one batch (processAllAvailable), and whatever batches without rows follow from it.
 */
import { createTestContext, type TestContext, type TestOptions } from '../support/context.js'
import { formatRow, parseInput, type Script, type Step } from './script.js'

export interface ScriptRun {
  /** What to write after each step. */
  readonly answers: readonly (readonly string[])[]
  /** Row counts of every batch, for the balance. */
  readonly batches: readonly { readonly batchId: number; readonly rows: Counts }[]
}

interface Counts {
  readonly in: number
  readonly out: number
  readonly filtered: number
  readonly late: number
  readonly nullTime: number
  readonly multiplied: number
  readonly bad: number
  readonly overflows: number
}

/** A batch as it is written down. */
interface BatchText {
  readonly batchId: number
  readonly rows: Counts
  readonly badRecords: readonly string[]
  readonly watermark: string | undefined
}

type PushSource = { push(data: unknown): Promise<void>; end(): void }

/** Runs the whole script and gives what it answered. */
export async function runScript(script: Script, options: TestOptions): Promise<ScriptRun> {
  const run = new ScriptRunner(script, options)
  try {
    for (const step of script.steps) await run.take(step)
  } finally {
    await run.stop()
  }
  return run
}

class ScriptRunner implements ScriptRun {
  readonly answers: string[][] = []
  readonly batches: BatchText[] = []
  readonly #sources = new Map<string, PushSource>()
  readonly #tables = new Map<string, unknown>()
  readonly #rows = new Map<number, string[]>()
  readonly #badRecords = new Map<number, string[]>()
  readonly #test: TestContext
  readonly #encoder = new TextEncoder()
  #isStarted = false
  #written = 0

  constructor(script: Script, options: TestOptions) {
    this.#test = createTestContext({ ...options, manualClock: script.steps.some(step => step.verb === 'advance') })
    const { context, api } = this.#test
    const scope = {
      ...api,
      context,
      source: (name: string, schema: never, more: object = {}) => {
        const source = api.memory({ schema, name, ...more } as never)
        this.#sources.set(name, source as unknown as PushSource)
        return context.source(source as never)
      },
      table: (name: string, rows: unknown, options: object = {}) => {
        const table = context.table(rows as never, { name, ...options } as never)
        this.#tables.set(name, table)
        return table
      },
      output: (name: string, stream: any, mode: object | undefined) => this.#output(name, stream, mode),
    }
    new Function(...Object.keys(scope), `'use strict'\n${script.pipeline}`)(...Object.values(scope))
    context.on('badRecords', event => {
      const texts = event.records.map(({ offset, position, reason }) => `bad at ${offset}+${position}: ${reason}`)
      this.#badRecords.set(event.batchId, [...(this.#badRecords.get(event.batchId) ?? []), ...texts])
    })
    context.on('batchCompleted', ({ batchId, progress: { rows, eventTime } }) => {
      this.batches.push({ batchId, rows, badRecords: this.#badRecords.get(batchId) ?? [], watermark: eventTime.watermark })
    })
  }

  async take(step: Step): Promise<void> {
    if (step.verb === 'pipeline') return void this.answers.push([])
    if (step.verb === 'explain') return void this.answers.push(this.#test.context.explain().trimEnd().split('\n'))
    if (!this.#isStarted) await this.#test.context.start()
    this.#isStarted = true
    if (step.verb === 'change') this.#change(step.lines.join('\n'))
    else if (step.verb === 'push') await this.#push(step.lines)
    else if (step.verb === 'advance') this.#test.advance(Number.parseFloat(step.argument) * 1000)
    else for (const source of this.#endingSources(step.argument)) source.end()
    await this.#test.context.processAllAvailable()
    this.answers.push(this.#newBatches())
  }

  stop(): Promise<void> {
    return this.#test.context.stop()
  }

  #output(name: string, stream: any, mode: object | undefined): void {
    stream.forEachBatch((batch: Iterable<Record<string, unknown>>, { batchId }: { batchId: number }) => {
      const lines = [...batch].map(row => `  ${name}: ${formatRow(row)}`)
      this.#rows.set(batchId, [...(this.#rows.get(batchId) ?? []), ...lines])
    }, ...(mode ? [mode] : []))
  }

  async #push(lines: readonly string[]): Promise<void> {
    for (const line of lines.filter(text => text !== '')) {
      const input = parseInput(line)
      const source = this.#sourceNamed(input.source)
      await source.push('text' in input ? this.#encoder.encode(`${input.text}\n`) : input.row)
    }
  }

  #change(code: string): void {
    new Function(...this.#tables.keys(), `'use strict'\n${code}`)(...this.#tables.values())
  }

  #endingSources(name: string): PushSource[] {
    return name === '' ? [...this.#sources.values()] : [this.#sourceNamed(name)]
  }

  #sourceNamed(name: string): PushSource {
    const source = this.#sources.get(name)
    if (!source) throw new Error(`There is no source '${name}'; there are ${[...this.#sources.keys()].join(', ')}.`)
    return source
  }

  /** The batches since the last step, as text. */
  #newBatches(): string[] {
    const fresh = this.batches.slice(this.#written)
    this.#written = this.batches.length
    return fresh.flatMap(({ batchId, rows, badRecords, watermark }) => [
      `batch ${batchId}: ${balance(rows)}${watermark === undefined ? '' : `, watermark ${watermark}`}`,
      ...badRecords.map(text => `  ${text}`),
      ...(this.#rows.get(batchId) ?? []),
    ])
  }
}

/** `5 in = 3 out + 1 filtered + 1 late`; what is 0 is left out. */
function balance({ in: rowsIn, out, filtered, late, nullTime, multiplied, bad, overflows }: Counts): string {
  const terms = Object.entries({ filtered, late, 'without time': nullTime, bad }).filter(([, rows]) => rows > 0)
  const sum = [`${out} out`, ...terms.map(([name, rows]) => `${rows} ${name}`)].join(' + ')
  const left = multiplied > 0 ? `${rowsIn} in + ${multiplied} multiplied` : `${rowsIn} in`
  return `${left} = ${sum}${overflows > 0 ? `, ${overflows} overflows` : ''}`
}
