/**
 * The feed of the page by itself (static hosting): a worker plays the bundled recordings, and the engine reads them as a stream
 * of bytes, just as it would read a response from a server.
 */
import { readable } from 'millrace'
import type { FromPlayer, ToPlayer } from './bundled-feed-worker.js'
import { READING } from '../pipeline.js'
import type { OpenFeed } from './feed.js'
import { PositionClock } from './position-clock.js'

export const openBundledFeed: OpenFeed = settings => {
  const worker = new Worker(new URL('./bundled-feed-worker.ts', import.meta.url), { type: 'module' })
  const position = new PositionClock(settings.fromMs, settings.hoursPerSecond)
  const send = (message: ToPlayer): void => worker.postMessage(message)
  let isClosed = false

  const bytes = new ReadableStream<Uint8Array>({
    start(controller) {
      worker.onmessage = ({ data }: MessageEvent<FromPlayer>) => {
        if (isClosed) return
        if (data.kind === 'position') position.report(data.positionMs)
        else if (data.kind === 'bytes') controller.enqueue(data.bytes)
        else controller.error(new Error(data.message))
      }
      send({ kind: 'play', settings, dataUrl: new URL('./data/', document.baseURI).href })
    },
  })

  return {
    source: readable(bytes, { format: 'ndjson', schema: READING }),
    positionMs: () => position.nowMs(),
    steer(wish) {
      position.hoursPerSecond = wish.hoursPerSecond
      send({ kind: 'steer', ...wish })
    },
    close() {
      isClosed = true
      worker.terminate()
    },
  }
}
