/**
 * The controls: pause, restart, replay speed, batch interval, workers, load. All are native inputs, so keyboard and screen
 * readers know them.
 */
import { formatFigure } from './timeline-chart.js'

export interface Settings {
  hoursPerSecond: number
  batchIntervalMs: number
  workers: number
  /** Synthetic rows a second; 0 = off. */
  loadRowsPerSecond: number
  isPaused: boolean
}

export interface ControlEvents {
  /** Speed, pause or load changed: no restart needed. */
  onChange(settings: Readonly<Settings>): void
  /** Batch interval or workers changed, or the reader asked for it: the context is made anew. */
  onRestart(settings: Readonly<Settings>, fromTheStart: boolean): void
}

const SPEEDS = [
  { value: 0.5, label: '30 min' }, { value: 2, label: '2 h' }, { value: 6, label: '6 h' }, { value: 24, label: '1 day' },
] as const
const INTERVALS_MS = [100, 250, 500, 1_000] as const
const WORKERS_MAX = 8
const LOAD_MIN = 1_000
const LOAD_MAX = 1_000_000
/** Slider positions: 0 is off, then equal steps of the logarithm from `LOAD_MIN` to `LOAD_MAX`. */
const LOAD_STEPS = 30

export function wireControls(settings: Settings, events: ControlEvents): void {
  choice('speed', SPEEDS, settings.hoursPerSecond, value => {
    settings.hoursPerSecond = value
    events.onChange(settings)
  })
  choice('interval', INTERVALS_MS.map(ms => ({ value: ms, label: `${ms} ms` })), settings.batchIntervalMs, value => {
    settings.batchIntervalMs = value
    events.onRestart(settings, false)
  })
  choice('workers', workerCounts().map(count => ({ value: count, label: String(count) })), settings.workers, value => {
    settings.workers = value
    events.onRestart(settings, false)
  })
  wireLoad(settings, events)
  wireButtons(settings, events)
}

/** 0, 1, 2, 4 … as far as the machine has cores, and at least 2. */
function workerCounts(): number[] {
  const cores = Math.min(Math.max(navigator.hardwareConcurrency ?? 2, 2), WORKERS_MAX)
  return [0, 1, 2, 4, 8].filter(count => count <= cores)
}

interface Option {
  readonly value: number
  readonly label: string
}

/** The options, and the wanted value (from the page's address) where it is none of them. */
function withWanted(options: readonly Option[], wanted: number): readonly Option[] {
  if (options.some(option => option.value === wanted)) return options
  return [...options, { value: wanted, label: String(wanted) }].sort((a, b) => a.value - b.value)
}

function choice(name: string, options: readonly Option[], chosen: number, onChoose: (value: number) => void): void {
  const group = element(name)
  for (const option of withWanted(options, chosen)) {
    const label = document.createElement('label')
    const input = document.createElement('input')
    input.type = 'radio'
    input.name = name
    input.value = String(option.value)
    input.checked = option.value === chosen
    input.addEventListener('change', () => onChoose(option.value))
    const text = document.createElement('span')
    text.textContent = option.label
    label.append(input, text)
    group.append(label)
  }
}

function wireLoad(settings: Settings, events: ControlEvents): void {
  const slider = element<HTMLInputElement>('load')
  const output = element<HTMLOutputElement>('load-value')
  slider.max = String(LOAD_STEPS)
  slider.value = String(settings.loadRowsPerSecond === 0 ? 0
    : 1 + Math.round(Math.log(settings.loadRowsPerSecond / LOAD_MIN) / Math.log(LOAD_MAX / LOAD_MIN) * (LOAD_STEPS - 1)))
  const show = (): void => {
    const text = settings.loadRowsPerSecond === 0 ? 'off' : `${formatFigure(settings.loadRowsPerSecond)} rows/s`
    output.textContent = text
    slider.setAttribute('aria-valuetext', text)
  }
  slider.addEventListener('input', () => {
    settings.loadRowsPerSecond = loadOf(Number(slider.value))
    show()
    events.onChange(settings)
  })
  show()
}

function loadOf(position: number): number {
  if (position === 0) return 0
  const exact = LOAD_MIN * (LOAD_MAX / LOAD_MIN) ** ((position - 1) / (LOAD_STEPS - 1))
  const unit = 10 ** (Math.floor(Math.log10(exact)) - 1)
  return Math.round(exact / unit) * unit
}

function wireButtons(settings: Settings, events: ControlEvents): void {
  const pause = element<HTMLButtonElement>('pause')
  const show = (): void => void (pause.textContent = settings.isPaused ? 'Go on' : 'Pause')
  pause.addEventListener('click', () => {
    settings.isPaused = !settings.isPaused
    show()
    events.onChange(settings)
  })
  element('restart').addEventListener('click', () => {
    settings.isPaused = false
    show()
    events.onRestart(settings, true)
  })
  show()
}

/** The element of that id; the page is at fault if there is none. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`index.html has no element '${id}'`)
  return found as T
}
