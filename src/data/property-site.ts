/**
 * Properties read and written by names that are known only at run time, as fast as by names in the source. Engines remember at
 * each place of the source which shape of object and which name they met there; a place that meets many names is slow for good.
 * So each name gets a place of its own: a case of the switches below, the *site*.
 * Invariant: a site changes speed, never the result; names beyond the number of sites share them.
 */

/** An object whose properties are read or written by name. */
export type PropertyBag = Record<string, unknown>

const SITES = 24
const siteByName = new Map<string, number>()

/** The site of a name, the same for all who ask. */
export function siteOf(name: string): number {
  let site = siteByName.get(name)
  if (site === undefined) siteByName.set(name, site = siteByName.size % SITES)
  return site
}

/** `row[name]`. */
export function getProperty(site: number, row: Readonly<PropertyBag>, name: string): unknown {
  switch (site) {
    case 0: return row[name]
    case 1: return row[name]
    case 2: return row[name]
    case 3: return row[name]
    case 4: return row[name]
    case 5: return row[name]
    case 6: return row[name]
    case 7: return row[name]
    case 8: return row[name]
    case 9: return row[name]
    case 10: return row[name]
    case 11: return row[name]
    case 12: return row[name]
    case 13: return row[name]
    case 14: return row[name]
    case 15: return row[name]
    case 16: return row[name]
    case 17: return row[name]
    case 18: return row[name]
    case 19: return row[name]
    case 20: return row[name]
    case 21: return row[name]
    case 22: return row[name]
    default: return row[name]
  }
}

/** `row[name] = value`. */
export function setProperty(site: number, row: PropertyBag, name: string, value: unknown): void {
  switch (site) {
    case 0: row[name] = value; break
    case 1: row[name] = value; break
    case 2: row[name] = value; break
    case 3: row[name] = value; break
    case 4: row[name] = value; break
    case 5: row[name] = value; break
    case 6: row[name] = value; break
    case 7: row[name] = value; break
    case 8: row[name] = value; break
    case 9: row[name] = value; break
    case 10: row[name] = value; break
    case 11: row[name] = value; break
    case 12: row[name] = value; break
    case 13: row[name] = value; break
    case 14: row[name] = value; break
    case 15: row[name] = value; break
    case 16: row[name] = value; break
    case 17: row[name] = value; break
    case 18: row[name] = value; break
    case 19: row[name] = value; break
    case 20: row[name] = value; break
    case 21: row[name] = value; break
    case 22: row[name] = value; break
    default: row[name] = value
  }
}
