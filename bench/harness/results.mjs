/**
 * RESULTS.md: prose by hand, and between marks what the benches put there. The last result of each workload is kept in
 * results.json, from which the marked parts are made; so a run of one workload leaves the others as they were.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { TARGETS } from '../targets.mjs'
import { digits } from './bench.mjs'

/**
 * @typedef {object} Result of one workload
 * @property {readonly import('./bench.mjs').Table[]} tables
 * @property {Record<string, number>} figures
 * @property {readonly string[]} faults
 *
 * @typedef {Result & { date: string, machine: string }} KeptResult
 */

const KEPT = new URL('../results.json', import.meta.url)
const PAGE = new URL('../RESULTS.md', import.meta.url)

/** The targets that were measured. @param {Record<string, number>} figures */
export function targetTable(figures) {
  const rows = TARGETS.filter(({ id }) => id in figures).map(target => {
    const { id, kind, bound, unit, text } = target
    const goal = `${kind === 'least' ? '≥' : '≤'} ${bound} ${unit}`
    return [text, goal.trim(), `${digits(figures[id])} ${unit}`.trim(), verdict(figures[id], target)]
  })
  return { head: ['', 'target', 'measured', ''], rows }
}

/** @param {number} value @param {import('../targets.mjs').Target} target */
function verdict(value, { kind, bound }) {
  const shortfall = kind === 'least' ? bound / value : value === 0 ? 0 : value / bound
  return shortfall <= 1 ? 'met' : `missed ${digits(shortfall)}-fold`
}

/** @param {Record<string, Result>} results by name of the workload @param {string} machine */
export function writeResults(results, machine) {
  /** @type {Record<string, KeptResult>} */
  const kept = existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) : {}
  const date = new Date().toISOString().slice(0, 10)
  for (const [name, result] of Object.entries(results)) kept[name] = { date, machine, ...result }
  writeFileSync(KEPT, `${JSON.stringify(kept, null, 1)}\n`)
  const figures = Object.assign({}, ...Object.values(kept).map(result => result.figures))
  let page = readFileSync(PAGE, 'utf8')
  page = replacePart(page, 'targets', markdown(targetTable(figures)))
  for (const [name, { date: measured, machine: where, tables }] of Object.entries(kept)) {
    const parts = tables.map(({ title, head, rows }) => `**${title}**\n\n${markdown({ head, rows })}`)
    page = replacePart(page, name, `Measured ${measured} on ${where}.\n\n${parts.join('\n\n')}`)
  }
  writeFileSync(PAGE, page)
}

/** @param {string} page @param {string} name @param {string} text */
function replacePart(page, name, text) {
  const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`]
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) return `${page.trimEnd()}\n\n## ${name}\n\n${begin}\n${text}\n${end}\n`
  return `${page.slice(0, from)}${begin}\n${text}\n${page.slice(to)}`
}

/** @param {{ head: readonly string[], rows: readonly (readonly string[])[] }} table */
function markdown({ head, rows }) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => i === 0 ? '---' : '---:')), ...rows.map(line)].join('\n')
}
