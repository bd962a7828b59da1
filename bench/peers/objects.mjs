/** What most programs do without a package: an object a row, a Map of accumulators. Making the objects is part of it. */

/** @type {import('./index.mjs').Peer} */
export const objectsAndMaps = {
  name: 'objects and a Map, no package',
  isPagePackage: false,

  async sensorWindows() {
    /** @type {Map<number, Accumulator>} */
    let sensors = new Map()
    return {
      take({ sensor, value }) {
        for (let i = 0; i < sensor.length; i++) addReading(sensors, { sensor: sensor[i], value: value[i] })
      },
      close(emit) {
        emitReadings(sensors, emit)
        sensors = new Map()
      },
    }
  },

  async campaignViews(campaign) {
    const campaigns = new Map(Array.from(campaign, (of, ad) => [ad, of]))
    /** @type {Map<number, number>} */
    let views = new Map()
    return {
      take({ ad, kind }) {
        for (let i = 0; i < ad.length; i++) {
          const event = { ad: ad[i], kind: kind[i] }
          if (event.kind !== 0) continue
          const of = /** @type {number} */ (campaigns.get(event.ad))
          views.set(of, (views.get(of) ?? 0) + 1)
        }
      },
      close(emit) {
        for (const [of, n] of views) emit(of, n)
        views = new Map()
      },
    }
  },
}

/** By Welford. @typedef {{ n: number, total: number, mean: number, squares: number, low: number, high: number }} Accumulator */

export const emptyAccumulator = () => ({ n: 0, total: 0, mean: 0, squares: 0, low: Infinity, high: -Infinity })

/** @param {Accumulator} a @param {number} x */
export function accumulate(a, x) {
  a.n++
  const away = x - a.mean
  a.mean += away / a.n
  a.squares += away * (x - a.mean)
  a.total += x
  if (x < a.low) a.low = x
  if (x > a.high) a.high = x
  return a
}

/** @param {number} sensor @param {Accumulator} a @param {(...figures: number[]) => void} emit */
export function emitReading(sensor, { n, total, mean, squares, low, high }, emit) {
  emit(sensor, n, total, mean, low, high, n > 1 ? Math.sqrt(squares / (n - 1)) : 0)
}

/** @param {Map<number, Accumulator>} sensors @param {{ sensor: number, value: number }} row */
function addReading(sensors, { sensor, value }) {
  let a = sensors.get(sensor)
  if (!a) sensors.set(sensor, a = emptyAccumulator())
  accumulate(a, value)
}

/** @param {Map<number, Accumulator>} sensors @param {(...figures: number[]) => void} emit */
function emitReadings(sensors, emit) {
  for (const [sensor, a] of sensors) emitReading(sensor, a, emit)
}
