/** Buffers that go to workers and come back. */
import { describe, expect, it } from 'vitest'
import { TransferBuffers } from '../../src/worker/transfer-buffers.js'

describe('transfer buffers', () => {
  it('are used again once they are back, for what fits', () => {
    const buffers = new TransferBuffers()
    const first = buffers.take(5000)
    expect(first.byteLength).toBe(8192)
    expect(buffers.take(5000)).not.toBe(first)
    buffers.giveBack([first])
    expect(buffers.take(4096)).not.toBe(first)
    expect(buffers.take(4097)).toBe(first)
    expect(buffers.take(8192)).not.toBe(first)
  })

  it('are kept up to a limit', () => {
    const buffers = new TransferBuffers()
    const large = Array.from({ length: 5 }, () => buffers.take(8 * 1024 * 1024))
    buffers.giveBack(large)
    const again = Array.from({ length: 5 }, () => buffers.take(8 * 1024 * 1024))
    expect(again.filter(buffer => large.includes(buffer)).length).toBe(4)
  })
})
