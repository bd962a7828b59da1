/**
 * One random aggregation in both languages, and the comparison of what they gave.
 */
import { expect } from 'vitest'
import { isSameSum, rowText } from './comparison.js'
import { SQL_TYPE, type Row } from './duck.js'
import { aggregateSql, scaleSql, type RandomGrouping } from './random-pipeline.js'

/** The aggregation in SQL; with `scale_…` columns, and NaN and −0 keys folded as GROUP BY does. */
export function groupingSql({ chain, keys, aggregates }: RandomGrouping): string {
  const keyList = Object.entries(keys).map(([name, { sql, type }]) => `(${sql})::${SQL_TYPE[type]} AS "${name}"`)
  const values = Object.entries(aggregates).flatMap(([name, aggregate]) =>
    [`${aggregateSql(aggregate)} AS "${name}"`, `${scaleSql(aggregate)} AS "scale_${name}"`])
  const groupBy = keyList.length === 0 ? '' : ` GROUP BY ${keyList.map((_, i) => i + 1).join(', ')}`
  return `SELECT ${[...keyList, ...values].join(', ')} FROM (${chain.sql})${groupBy}`
}

/** The pipeline of the same aggregation. */
export function buildGrouping({ chain, keys, aggregates }: RandomGrouping) {
  const build = (made: Readonly<Record<string, { build: (row: any) => any }>>) => (row: any) =>
    Object.fromEntries(Object.entries(made).map(([name, each]) => [name, each.build(row)]))
  return (stream: any): any => {
    const input = chain.build(stream)
    const grouped = Object.keys(keys).length === 0 ? input : input.groupBy(build(keys))
    return grouped.aggregate(build(aggregates))
  }
}

/** Compares rows as sets: keys and exact aggregates by identity, float sums within tolerance. */
export function expectSameGroups(
  rows: readonly Row[], wanted: readonly Row[], { keys, aggregates }: Pick<RandomGrouping, 'keys' | 'aggregates'>, what: string,
): void {
  const exact = [...Object.keys(keys), ...Object.keys(aggregates).filter(name => aggregates[name]!.precision === 'exact')]
  const textOf = (row: Row): string => rowText(row, exact, { unsignedZero: true })
  expect(rows.map(textOf).sort(), what).toEqual(wanted.map(textOf).sort())
  const byKey = new Map(rows.map(row => [rowText(row, Object.keys(keys), { unsignedZero: true }), row]))
  for (const row of wanted) {
    const got = byKey.get(rowText(row, Object.keys(keys), { unsignedZero: true }))!
    for (const [name, { precision }] of Object.entries(aggregates)) {
      const same = precision === 'exact' || isSameSum(got[name] ?? null, row[name] ?? null, row[`scale_${name}`] ?? null)
      if (!same) expect.fail(`${what}\n${name}: ${String(got[name])}, DuckDB ${String(row[name])}`)
    }
  }
}
