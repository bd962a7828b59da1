/**
 * Which version of a table a batch sees and a worker has.
 */
import { describe, expect, it } from 'vitest'
import type { Capabilities, TableContent } from '../../src/plan/task.js'
import { TableTracker } from '../../src/scheduler/table-tracker.js'
import { blockOf } from '../support/task-driver.js'
import { LedgerExecutor } from './ledger-executor.js'

function tracker(blockTransport: Capabilities['blockTransport'] = 'none') {
  let version = 0
  const posted: string[] = []
  const contents: TableContent[] = []
  const executor = {
    capabilities: { ...new LedgerExecutor(1).capabilities, blockTransport },
    putTables: async (slot: number, tables: readonly TableContent[]) => {
      posted.push(...tables.map(table => `${slot}: ${table.tableId} v${table.version}`))
      contents.push(...tables)
    },
  }
  const current = () => ({ version, block: blockOf([{ name: 'version', type: 'f64' }], [{ version }]) })
  const tables = new TableTracker({ executor, tables: new Map([[3, { current }]]) })
  return { tables, posted, contents, change: () => { version++ } }
}

describe('a batch', () => {
  it('sees the version that it was made with, and workers get each version once', async () => {
    const { tables, posted, change } = tracker()
    const first = tables.capture(0)
    change()
    change()
    const second = tables.capture(1)
    expect([first, second]).toEqual([{ 3: 0 }, { 3: 2 }])
    for (const slot of [0, 1, 0]) await tables.provide(slot, first)
    await tables.provide(0, second)
    tables.forget(1)
    await tables.provide(1, first)
    expect(posted).toEqual(['0: 3 v0', '1: 3 v0', '0: 3 v2', '1: 3 v0'])
    tables.release(0)
    await expect(tables.provide(1, second)).resolves.toBeUndefined()
    await expect(tables.provide(1, first)).rejects.toThrow('version 0 of table 3 is not held')
    tables.clear()
    expect(tables.isEmpty).toBe(true)
  })

  it('has its tables in shared memory where workers share', async () => {
    const { tables, contents } = tracker('shared')
    await tables.provide(0, tables.capture(0))
    expect(contents[0]!.block.columns[0]!.values.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect([...contents[0]!.block.columns[0]!.values]).toEqual([0])
  })
})
