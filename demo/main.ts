/**
 * The page: reads the settings, starts the engine on a feed, and draws what comes back. One chart is drawn per frame at most, so
 * that no frame has to wait for the others.
 */
import 'uplot/dist/uPlot.min.css'
import { startEngine, type Receiver, type RunningEngine } from './engine.js'
import type { BatchFigures } from './engine-figures.js'
import { openBundledFeed } from './feed/bundled-feed.js'
import type { Feed } from './feed/feed.js'
import { openLoad, type Load } from './feed/load-feed.js'
import { openSocketFeed } from './feed/socket-feed.js'
import { WEEK_START_MS } from './sensors.js'
import { settingsFromUrl } from './settings.js'
import { element, wireControls } from './view/controls.js'
import { EngineView } from './view/engine-view.js'
import { FramePainter } from './view/frame-painter.js'
import { SensorsView } from './view/sensors-view.js'
import { Smoothness } from './view/smoothness.js'
import { wireTheme } from './view/theme.js'

/** The page's own start (first drawings, compilation) is not counted as stutter. */
const SETTLE_MS = 3_000

const { settings, fromMs, untilMs, feedKind } = settingsFromUrl(location.search)
const sources = import.meta.glob<string>('./pipeline.ts', { query: '?raw', import: 'default', eager: true })
const openFeed = feedKind === 'socket' ? openSocketFeed : openBundledFeed
const smoothness = new Smoothness()
const sensors = new SensorsView(element('sensors'))
const engineView = new EngineView(smoothness)

interface Run {
  readonly feed: Feed
  readonly load: Load
  engine: RunningEngine | null
}

let run: Run | null = null
let restarting: Promise<void> = Promise.resolve()

const receiver: Receiver = {
  readings: batch => sensors.addReadings(batch),
  hours: batch => sensors.addHours(batch),
  madeUp: figures => engineView.addMadeUp(figures),
  batch: (figures: BatchFigures) => engineView.addBatch(figures),
  failed: error => showProblem(error),
  connected: isConnected => showProblem(isConnected ? null : 'The feed is away. Millrace keeps trying to reach it.'),
}

async function start(startMs: number): Promise<void> {
  await stop()
  showProblem(null)
  const feed = openFeed({ fromMs: startMs, untilMs, hoursPerSecond: settings.hoursPerSecond, isPaused: settings.isPaused })
  const load = openLoad()
  run = { feed, load, engine: null }
  try {
    run.engine = await startEngine({ ...settings }, feed, load, receiver)
    load.setRate(settings.isPaused ? 0 : settings.loadRowsPerSecond)
    engineView.showEngine(run.engine, settings)
    element('plan').textContent = run.engine.plan
  } catch (error) {
    showProblem(error)
  }
}

async function stop(): Promise<void> {
  const old = run
  run = null
  old?.load.close()
  old?.feed.close()
  await old?.engine?.stop()
}

/** Restarts follow one another; a context is never started before the last one has stopped. */
function restart(fromTheStart: boolean): void {
  restarting = restarting.then(() => {
    if (fromTheStart) sensors.clear()
    engineView.clear()
    // Hours that the old context had not finished are played again: the new one has seen nothing of them.
    return start(fromTheStart ? WEEK_START_MS : sensors.finishedMs ?? fromMs)
  }).catch(showProblem)
}

function showProblem(error: unknown): void {
  const place = element('problem')
  place.hidden = error === null
  place.textContent = error === null ? '' : error instanceof Error ? error.message : String(error)
}

wireControls(settings, {
  onChange(next) {
    run?.feed.steer({ hoursPerSecond: next.hoursPerSecond, isPaused: next.isPaused })
    run?.load.setRate(next.isPaused ? 0 : next.loadRowsPerSecond)
    engineView.setLoad(next.loadRowsPerSecond)
  },
  onRestart: (_, fromTheStart) => restart(fromTheStart),
})

const painter = new FramePainter([...sensors.drawings(() => run?.feed.positionMs() ?? fromMs), ...engineView.drawings()])
wireTheme(element<HTMLButtonElement>('theme'), () => painter.redrawAll())
element('source').textContent = sources['./pipeline.ts'] ?? ''
element('feed-note').textContent = feedKind === 'socket'
  ? 'The readings come over a WebSocket from the server that you started.'
  : 'This page stands by itself: it plays the recorded readings to Millrace from files. '
    + 'Run the project’s “npm start” to see them come over a WebSocket.'
engineView.setLoad(settings.loadRowsPerSecond)
restarting = start(fromMs).then(() => {
  painter.start()
  setTimeout(() => smoothness.startCounting(), SETTLE_MS)
})
