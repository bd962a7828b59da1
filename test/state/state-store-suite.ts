/** What every state store must do: the contract of state-store.ts as tests. */
import { describe, expect, it } from 'vitest'
import type { GroupsBlock } from '../../src/data/block.js'
import type { StateStore } from '../../src/state/state-store.js'

export interface StateStoreFixture {
  create(): StateStore
  /** Partial rows of version `n`, different ones for each. */
  rows(n: number): GroupsBlock
  /** What the store holds, in order. */
  read(store: StateStore): unknown
}

const whole = (block: GroupsBlock) => [{ block, start: 0, end: 1 }]

function update(store: StateStore, { rows }: StateStoreFixture, version: number): void {
  store.open(version)
  store.merge(whole(rows(version)))
  store.commit()
}

export function describeStateStore(name: string, fixture: () => StateStoreFixture): void {
  describe(`state store, ${name}`, () => {
    it('is empty at version −1, and counts versions up, gaps allowed', () => {
      const store = fixture().create()
      expect([store.version, store.numRows, store.snapshot(-1)]).toEqual([-1, 0, []])
      update(store, fixture(), 0)
      update(store, fixture(), 4)
      expect(store.version).toBe(4)
      expect(() => store.open(4)).toThrow('version 4 of a state is opened, but version 4 is committed already')
      store.free()
    })

    it('takes updates only between open and commit', () => {
      const { create, rows } = fixture()
      const store = create()
      expect(() => store.merge(whole(rows(0)))).toThrow('not open')
      store.open(0)
      expect(() => store.open(1)).toThrow('while another one is open')
      expect(() => store.snapshot(-1)).toThrow('is open')
      store.commit()
      expect(() => store.commit()).toThrow('not open')
      store.free()
    })

    it('goes on from a snapshot as if it had never stopped', () => {
      const made = fixture()
      const uninterrupted = made.create()
      const first = made.create()
      for (const version of [0, 1, 2]) for (const store of [uninterrupted, first]) update(store, made, version)
      const restored = made.create()
      update(restored, made, 9)
      restored.restore(first.version, first.snapshot(-1))
      expect(made.read(restored)).toEqual(made.read(uninterrupted))
      for (const version of [3, 4]) for (const store of [uninterrupted, restored]) update(store, made, version)
      expect(made.read(restored)).toEqual(made.read(uninterrupted))
      expect(restored.version).toBe(4)
      for (const store of [uninterrupted, first, restored]) store.free()
    })

    it('gives in a snapshot what has changed since the version that is asked for', () => {
      const made = fixture()
      const store = made.create()
      const isBrought = (since: number): boolean[] => store.snapshot(since).map(({ block }) => block !== null)
      update(store, made, 0)
      update(store, made, 2)
      expect([-1, 0, 1, 2].map(isBrought)).toEqual([[true], [true], [true], [false]])
      const restored = made.create()
      restored.restore(store.version, store.snapshot(-1))
      expect(restored.snapshot(2)).toEqual(store.snapshot(2))
      update(store, made, 3)
      expect([0, 2, 3].map(isBrought)).toEqual([[true], [true], [false]])
      for (const one of [store, restored]) one.free()
    })

    it('is emptied by a snapshot without rows', () => {
      const made = fixture()
      const store = made.create()
      update(store, made, 3)
      store.restore(-1, [])
      expect([store.version, store.numRows, store.snapshot(-1)]).toEqual([-1, 0, []])
      update(store, made, 0)
      expect(store.numRows).toBeGreaterThan(0)
      store.free()
    })
  })
}
