/** Properties by name: the same as written out, whatever site a name has. */
import { describe, expect, it } from 'vitest'
import { getProperty, setProperty, siteOf } from '../../src/data/property-site.js'

describe('property site', () => {
  it('reads and writes the property that is asked for, of many names', () => {
    const names = Array.from({ length: 100 }, (_, i) => `column${i}`)
    const row: Record<string, unknown> = {}
    for (const name of names) setProperty(siteOf(name), row, name, name.length)
    expect(row).toEqual(Object.fromEntries(names.map(name => [name, name.length])))
    for (const name of names) expect(getProperty(siteOf(name), { [name]: 7, other: 1 }, name)).toBe(7)
    expect(getProperty(siteOf('column3'), {}, 'column3')).toBeUndefined()
    expect(siteOf('column3')).toBe(siteOf('column3'))
  })
})
