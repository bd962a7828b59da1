/**
 * Worker of the static page: loads the bundled recordings and plays them to the page as NDJSON bytes.
 */
import { loadWeek } from './replay.js'
import { ReplayPlayer, type ReplaySettings } from './replay-player.js'

export type ToPlayer =
  | { readonly kind: 'play'; readonly settings: ReplaySettings; readonly dataUrl: string }
  | { readonly kind: 'steer'; readonly hoursPerSecond: number; readonly isPaused: boolean }

export type FromPlayer =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'position'; readonly positionMs: number }
  | { readonly kind: 'failed'; readonly message: string }

const POSITION_EVERY_MS = 200

let player: ReplayPlayer | null = null
let wish: { readonly hoursPerSecond: number; readonly isPaused: boolean } | null = null

onmessage = ({ data }: MessageEvent<ToPlayer>) => {
  if (data.kind === 'steer') {
    wish = data
    steer()
  } else {
    play(data.settings, data.dataUrl).catch((error: unknown) => send({ kind: 'failed', message: String(error) }))
  }
}

async function play(settings: ReplaySettings, dataUrl: string): Promise<void> {
  const week = await loadWeek(async file => {
    const response = await fetch(new URL(file, dataUrl))
    if (!response.ok) throw new Error(`${response.url}: ${response.status} ${response.statusText}`)
    return response.text()
  })
  const encoder = new TextEncoder()
  player = new ReplayPlayer(week, settings, {
    isReady: () => true,
    receive(ndjson) {
      const bytes = encoder.encode(ndjson)
      send({ kind: 'bytes', bytes }, [bytes.buffer])
    },
  })
  steer()
  setInterval(() => send({ kind: 'position', positionMs: player?.positionMs ?? settings.fromMs }), POSITION_EVERY_MS)
}

/** What was wished while the recordings were still loading counts as well. */
function steer(): void {
  if (player === null || wish === null) return
  player.hoursPerSecond = wish.hoursPerSecond
  player.isPaused = wish.isPaused
}

function send(message: FromPlayer, transfer: Transferable[] = []): void {
  (self as unknown as { postMessage(message: FromPlayer, transfer: Transferable[]): void }).postMessage(message, transfer)
}
