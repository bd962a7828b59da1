/**
 * The format of golden scripts: a pipeline, its input step by step, and what the engine answered, in one text file that reads
 * from top to bottom. Reading a script and writing it with its answers are each other's inverse.
 */

export interface Script {
  readonly title: string
  readonly pipeline: string
  readonly steps: readonly Step[]
}

/**
 * One section of a script:
 *
 *   ## pipeline      JavaScript with everything `millrace` exports, and `source(name, schema, options)`, `output(name, stream,
 *   options)` ## explain       the plan, where it is worth reading
 *   ## push          lines `name {a: 1}` (a row) or `name | text` (a line of bytes), which become one batch
 *   ## advance 5 s   the clock moves on
 *   ## change        JavaScript that changes tables, which it sees by the names in `table(name, rows, options)`
 *   ## end [name]    the source ends; without a name all do
 *
 * Lines that begin with `>` are the answer: written by UPDATE_GOLDEN=1, compared otherwise.
 */
export interface Step {
  readonly verb: 'pipeline' | 'explain' | 'push' | 'change' | 'advance' | 'end'
  readonly argument: string
  /** The section's own lines, without the answer. */
  readonly lines: readonly string[]
}

/** One line of input: a row or a line of text for a source. */
export type Input =
  | { readonly source: string; readonly row: Readonly<Record<string, unknown>> }
  | { readonly source: string; readonly text: string }

const VERBS: readonly string[] = ['pipeline', 'explain', 'push', 'change', 'advance', 'end']

/** @throws Error naming a section that is not known. */
export function parseScript(text: string): Script {
  const [title = '', ...sections] = text.split(/^## /m)
  const steps = sections.map((section): Step => {
    const [head = '', ...lines] = section.split('\n')
    const [verb = '', ...argument] = head.split(' ')
    if (!VERBS.includes(verb)) throw new Error(`'## ${head}' is not a section of a golden script; there are ${VERBS.join(', ')}.`)
    const own = lines.filter(line => !line.startsWith('>'))
    while (own.at(-1)?.trim() === '') own.pop()
    return { verb: verb as Step['verb'], argument: argument.join(' '), lines: own }
  })
  return { title, pipeline: steps.find(step => step.verb === 'pipeline')?.lines.join('\n') ?? '', steps }
}

/** The script with an answer after each step; the inverse of `parseScript`. */
export function formatScript({ title, steps }: Script, answers: readonly (readonly string[])[]): string {
  const sections = steps.map(({ verb, argument, lines }, i) => {
    const answer = (answers[i] ?? []).map(line => `> ${line}`.trimEnd())
    return [`## ${verb} ${argument}`.trimEnd(), ...lines, ...answer, ''].join('\n')
  })
  return `${title}${sections.join('\n')}`
}

/** The input of a `push` section. Rows are JavaScript object literals, so that NaN and bigints can be written. */
export function parseInput(line: string): Input {
  const text = /^(\w+) \|(?: (.*))?$/.exec(line)
  if (text) return { source: text[1]!, text: text[2] ?? '' }
  const row = /^(\w+) (\{.*\})$/.exec(line)
  if (row) return { source: row[1]!, row: new Function(`return (${row[2]})`)() as Record<string, unknown> }
  throw new Error(`'${line}' is neither 'name {a: 1}' nor 'name | text'.`)
}

/** One result row on one line: `sensor="a" window=[0, 10000) n=2`. */
export function formatRow(row: Readonly<Record<string, unknown>>): string {
  return Object.entries(row).map(([name, value]) => `${name}=${formatValue(value)}`).join(' ')
}

function formatValue(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'bigint') return `${value}n`
  const window = value as { start: number; end: number } | null
  if (typeof value === 'object' && window) return `[${window.start}, ${window.end})`
  return JSON.stringify(value)
}
