/** Streams and iterables as sources: all kinds of items, back-pressure, ends and errors. */
import { describe, expect, it } from 'vitest'
import { readable } from '../../src/source/readable.js'
import type { Source } from '../../src/source/source.js'
import { rowsTaken, textOf } from '../support/blocks.js'
import { startSource, until } from '../support/intake.js'

const schema = { n: 'f64' } as const
const run = async (source: Source) => {
  const started = startSource(source)
  await until(() => started.calls.end + started.failures.length > 0)
  return { ...started, rows: () => rowsTaken(source.fields, started.intake.takeBlocks()).map(row => row.n) }
}
async function* later<T>(...items: T[]): AsyncGenerator<T> {
  for (const item of items) {
    await new Promise(resolve => setTimeout(resolve, 1))
    yield item
  }
}

describe('readable', () => {
  it('takes rows, arrays of rows and columns, in their order', async () => {
    const items = [{ n: 1 }, { n: 2 }, [{ n: 3 }, { n: 4 }], { n: [5, 6] }, { n: 7 }]
    expect((await run(readable(items, { schema }))).rows()).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect((await run(readable(later(...items), { schema }))).rows()).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect((await run(readable(new Set(items), { schema }))).rows()).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('takes streams of bytes and of text, cut anywhere', async () => {
    const bytes = new Blob(['{"n":1}\n{"n', '":2}']).stream()
    expect(textOf((await run(readable(bytes, { schema, format: 'ndjson' }))).intake.takeBlocks())).toBe('{"n":1}\n{"n":2}\n')
    const text =
      new Blob(['n\n1\n2"é']).stream().pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
    expect(textOf((await run(readable(text, { schema, format: 'csv' }))).intake.takeBlocks())).toBe('1\n2"é\n')
    expect(textOf((await run(readable(['{"n":\n1}', '{"n":2}'], { schema, format: 'json' }))).intake.takeBlocks())).toBe(
      '{"n":\r1}\n{"n":2}\n')
  })

  it('gives items to decode', async () => {
    const source = readable(later('1,2', '3'), { schema, decode: item => item.split(',').map(n => ({ n: Number(n) })) })
    expect((await run(source)).rows()).toEqual([1, 2, 3])
  })

  it('asks for more only when there is room', async () => {
    let asked = 0
    async function* endless(): AsyncGenerator<{ n: number }> {
      for (;;) yield { n: asked++ }
    }
    const source = readable(endless(), { schema, queuedRowsMax: 10 })
    const { intake, connection } = startSource(source)
    await until(() => intake.queuedRows === 10)
    await new Promise(resolve => setTimeout(resolve, 10))
    expect([asked, intake.queuedRows]).toEqual([10, 10])
    expect(rowsTaken(source.fields, intake.takeBlocks()).length).toBe(10)
    await until(() => intake.queuedRows === 10)
    await connection.close()
    intake.close()
  })

  it('gives the thread back while an iterable never waits', async () => {
    function* endless(): Generator<{ n: number }> {
      for (let n = 0; ; n++) yield { n }
    }
    const { intake, connection } = startSource(readable(endless(), { schema, queuedRowsMax: 1e9 }))
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(intake.queuedRows).toBeGreaterThan(0)
    await connection.close()
    intake.close()
  })

  it('fails when what it reads fails, or is not readable', async () => {
    async function* broken(): AsyncGenerator<{ n: number }> {
      yield { n: 1 }
      throw new Error('sensor unplugged')
    }
    const { failures } = await run(readable(broken(), { schema, name: 'gauge' }))
    expect(failures[0]).toMatchObject({ code: 'SOURCE_FAILED', message: 'Source gauge failed: sensor unplugged' })
    const source = readable(5 as never, { schema })
    expect(() => startSource(source)).toThrow('readable(): 5 is not a ReadableStream, an async iterable or an iterable.')
    const text = await run(readable(['x'], { schema, name: 'gauge' }))
    expect(text.failures[0]!.message).toContain('Source gauge takes rows or columns; it was given text.')
  })

  it('cancels the stream when it is closed', async () => {
    let reason: unknown = 'open'
    const stream = new ReadableStream<{ n: number }>({ cancel: why => { reason = why } })
    const { connection } = startSource(readable(stream, { schema }))
    await connection.close()
    await until(() => reason === undefined)
  })
})
