/** What the figures were measured on, in one line. */
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

export function describeMachine() {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`
  return [processor, memory, process.platform, `Node ${process.versions.node}`, `Millrace ${version}`].join(', ')
}
