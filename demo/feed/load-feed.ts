/**
 * The load: takes blocks of made-up readings from its worker and pushes them into the engine without looking at a row.
 */
import { memory } from 'millrace'
import { MADE_UP_READING } from '../pipeline.js'
import type { LoadBlock, ToLoad } from './load-worker.js'

export function openLoad() {
  const source = memory({ schema: MADE_UP_READING, format: 'columns' })
  let worker: Worker | null = null
  let isClosed = false

  const open = (): Worker => {
    const opened = new Worker(new URL('./load-worker.ts', import.meta.url), { type: 'module' })
    const send = (message: ToLoad): void => opened.postMessage(message)
    opened.onmessage = ({ data }: MessageEvent<LoadBlock>) => {
      if (isClosed) return
      const { sensor, at, value } = data
      // The promise is the engine's back-pressure: no more is made than is taken. It rejects once the context has stopped.
      source.push({ sensor, at, value }, { transfer: true }).then(() => send({ kind: 'taken' }), () => undefined)
    }
    return opened
  }

  return {
    source,
    setRate(rowsPerSecond: number): void {
      if (worker === null && rowsPerSecond === 0) return
      worker ??= open()
      worker.postMessage({ kind: 'rate', rowsPerSecond } satisfies ToLoad)
    },
    close(): void {
      isClosed = true
      worker?.terminate()
    },
  }
}

export type Load = ReturnType<typeof openLoad>
