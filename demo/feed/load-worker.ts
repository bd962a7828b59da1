/**
 * Worker that makes up sensors: columns of readings at a chosen rate, transferred to the page, which passes them on to the
 * engine unread. Each sensor is a slow wave with noise; now and then one is far off for a second. Seeded, so every run makes the
 * same readings.
 * Invariant: at most `BLOCKS_UNTAKEN_MAX` blocks are under way; when the engine does not take them, fewer are made.
 */
export const MADE_UP_SENSORS = 1_000

export interface LoadBlock {
  readonly sensor: Int32Array<ArrayBuffer>
  readonly at: Float64Array<ArrayBuffer>
  readonly value: Float64Array<ArrayBuffer>
}

export type ToLoad = { readonly kind: 'rate'; readonly rowsPerSecond: number } | { readonly kind: 'taken' }

const TICK_MS = 50
const BLOCKS_UNTAKEN_MAX = 6
const CATCH_UP_MAX_MS = 200
const WAVE_MS = 20_000
/** One sensor in this many is off in a given second. */
const OFF_ONE_IN = 400
const OFF_BY = 8

let rowsPerSecond = 0
let untaken = 0
let owedRows = 0
let tickedAtMs = performance.now()
let seed = 0x2545f491
let row = 0

onmessage = ({ data }: MessageEvent<ToLoad>) => {
  if (data.kind === 'rate') rowsPerSecond = data.rowsPerSecond
  else untaken -= 1
}

setInterval(() => {
  const nowMs = performance.now()
  const passedMs = Math.min(nowMs - tickedAtMs, CATCH_UP_MAX_MS)
  tickedAtMs = nowMs
  if (rowsPerSecond === 0 || untaken >= BLOCKS_UNTAKEN_MAX) {
    owedRows = 0
    return
  }
  owedRows += rowsPerSecond * passedMs / 1_000
  const rows = Math.floor(owedRows)
  if (rows === 0) return
  owedRows -= rows
  const block = makeBlock(rows, Date.now(), passedMs)
  untaken += 1
  ;(self as unknown as { postMessage(message: LoadBlock, transfer: Transferable[]): void })
    .postMessage(block, [block.sensor.buffer, block.at.buffer, block.value.buffer])
}, TICK_MS)

function makeBlock(rows: number, nowMs: number, spanMs: number): LoadBlock {
  const sensor = new Int32Array(rows)
  const at = new Float64Array(rows)
  const value = new Float64Array(rows)
  const second = Math.floor(nowMs / 1_000)
  const wave = Math.sin(nowMs / WAVE_MS * 2 * Math.PI)
  for (let index = 0; index < rows; index++) {
    const id = row++ % MADE_UP_SENSORS
    sensor[index] = id
    at[index] = Math.floor(nowMs - spanMs + spanMs * index / rows)
    const isOff = (Math.imul(id + 1, 2_654_435_761) ^ Math.imul(second, 40_503)) >>> 0 < 2 ** 32 / OFF_ONE_IN
    value[index] = wave + noise() + (isOff ? OFF_BY : 0)
  }
  return { sensor, at, value }
}

/** Roughly normal, mean 0, standard deviation 1: the sum of three uniform numbers, scaled. */
function noise(): number {
  return (uniform() + uniform() + uniform()) * 2 - 3
}

/** Xorshift, in [0, 1). */
function uniform(): number {
  seed ^= seed << 13
  seed ^= seed >>> 17
  seed ^= seed << 5
  return (seed >>> 0) / 2 ** 32
}
