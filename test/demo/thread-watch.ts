/**
 * Watches the page's thread: its long tasks, and a CPU profile that says whose they are. A long task is laid at the door of the
 * code that was seen running in it; what is left over is the browser's own (painting, input) or another program that had the
 * processor.
 */
import type { CDPSession, Page } from 'playwright'

const SAMPLE_US = 1_000
const HEAP_SAMPLES = 10

export interface LongTask {
  readonly startMs: number
  readonly durationMs: number
  readonly engineMs: number
  readonly demoMs: number
  readonly collectorMs: number
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly functionName: string; readonly url: string } }[]
  readonly startTime: number
  readonly samples?: readonly number[]
  readonly timeDeltas?: readonly number[]
}

export class ThreadWatch {
  private constructor(private readonly page: Page, private readonly session: CDPSession) {}

  static async open(page: Page): Promise<ThreadWatch> {
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    await session.send('Profiler.enable')
    await session.send('HeapProfiler.enable')
    await session.send('Profiler.setSamplingInterval', { interval: SAMPLE_US })
    return new ThreadWatch(page, session)
  }

  /** The most bytes that were in use on the page's heap, after collections, during the next `ms`. */
  async largestHeapBytes(ms: number): Promise<number> {
    let largest = 0
    for (let sample = 0; sample < HEAP_SAMPLES; sample++) {
      await this.page.waitForTimeout(ms / HEAP_SAMPLES)
      await this.session.send('HeapProfiler.collectGarbage')
      largest = Math.max(largest, (await this.#metrics())['JSHeapUsedSize'] ?? Number.NaN)
    }
    return largest
  }

  /** Long tasks during the next `ms`. */
  async longTasks(ms: number): Promise<readonly LongTask[]> {
    await this.session.send('Profiler.start')
    const tasks = await this.page.evaluate(watchMs => new Promise<{ startMs: number; durationMs: number }[]>(resolve => {
      const seen: { startMs: number; durationMs: number }[] = []
      const observer = new PerformanceObserver(list => {
        for (const { startTime, duration } of list.getEntries()) seen.push({ startMs: startTime, durationMs: duration })
      })
      observer.observe({ type: 'longtask' })
      setTimeout(() => {
        observer.disconnect()
        resolve(seen)
      }, watchMs)
    }), ms)
    const { profile } = await this.session.send('Profiler.stop') as { profile: Profile }
    // Page times count from navigation; profile times are microseconds of the browser's monotonic clock.
    const originUs = ((await this.#metrics())['NavigationStart'] ?? 0) * 1e6
    return tasks.map(task => {
      const fromUs = originUs + task.startMs * 1e3
      return { ...task, ...shares(profile, fromUs, fromUs + task.durationMs * 1e3) }
    })
  }

  async #metrics(): Promise<Record<string, number>> {
    const { metrics } = await this.session.send('Performance.getMetrics')
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
  }
}

/** Time of the samples within [fromUs, toUs) by whose code ran, ms. */
function shares(profile: Profile, fromUs: number, toUs: number): { engineMs: number; demoMs: number; collectorMs: number } {
  const frames = new Map(profile.nodes.map(node => [node.id, node.callFrame]))
  const sum = { engineMs: 0, demoMs: 0, collectorMs: 0 }
  let atUs = profile.startTime
  profile.samples?.forEach((node, index) => {
    const deltaUs = profile.timeDeltas?.[index] ?? 0
    atUs += deltaUs
    if (atUs < fromUs || atUs >= toUs) return
    const { functionName = '', url = '' } = frames.get(node) ?? {}
    if (functionName === '(garbage collector)') sum.collectorMs += deltaUs / 1e3
    else if (/\/dist\/[^/]+\.js/.test(url) && !url.includes('node_modules')) sum.engineMs += deltaUs / 1e3
    else if (url !== '') sum.demoMs += deltaUs / 1e3
  })
  return sum
}
