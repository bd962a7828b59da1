/**
 * Comparing text with a blessed file beside the test. `UPDATE_GOLDEN=1` writes the file instead; review the difference before
 * committing.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'

const updating = process.env['UPDATE_GOLDEN'] === '1'

/** Fails where `text` differs from the file at `url`. */
export function expectGolden(url: URL, text: string): void {
  if (updating) writeFileSync(url, text)
  const blessed = existsSync(url) ? readFileSync(url, 'utf8') : `(${url.pathname} is missing: bless it with UPDATE_GOLDEN=1)`
  expect(text).toBe(blessed)
}
