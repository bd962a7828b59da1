/**
 * The demo as its reader has it: `npm start`'s server and a Chromium. Rows flow, the labelled events of the real series are
 * marked, the page stays smooth and small under load, everything can be reached by keyboard, and nothing is complained of on the
 * console.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Browser, Page } from 'playwright'
import { serveBuiltDemo } from './built-demo.js'
import { closePages, launchBrowser, openPage, startDemo, tallies, type RunningDemo } from './demo-page.js'
import { ThreadWatch } from './thread-watch.js'

const ROWS_WITHIN_MS = 5_000
const START_MS_MAX = 30_000
const WEEK_MS_MAX = 60_000
const LOAD_ROWS_PER_SECOND = 200_000
const WARM_UP_MS = 8_000
const LOAD_MS = 30_000
/** Longer than the engine keeps a batch's inputs for replay (256 batches): the heap goes up and down with them. */
const HEAP_WATCH_MS = 20_000
const TASK_MS_MAX = 50
const HEAP_GROWTH_MAX = 0.1

/** Hours marked in the replayed week, and those of them within a labelled event, as plain JavaScript finds them. */
const WEEK = {
  'machine': [23, 23], 'occupancy-t4013': [1, 1], 'speed-t4013': [2, 2], 'speed-7578': [6, 4], 'travel-387': [1, 1],
  'speed-6005': [0, 0],
}

let demo: RunningDemo
let browser: Browser

beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launchBrowser()])
})

// Whatever the test was about: no page complained on its console.
afterEach(async () => {
  expect(await closePages()).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

const text = (page: Page, selector: string): Promise<string> => page.locator(selector).innerText()
const waitForRows = (page: Page, timeout = START_MS_MAX): Promise<unknown> => page.waitForFunction(() =>
  [...document.querySelectorAll('#batches tr')].some(row => Number(row.children[2]?.textContent ?? 0) > 0), null, { timeout })

describe('the demo, served', () => {
  it('shows rows within five seconds, cross-origin isolated, with the plan', async () => {
    const page = await openPage(browser, demo.address)
    await waitForRows(page, ROWS_WITHIN_MS)
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    expect(await page.locator('#plan').textContent()).toContain('hour')
    expect(await page.locator('#source').textContent()).toContain('tumbling(r.at')
    expect(await text(page, '#how')).toMatch(/worker.* SIMD.* share with the page/)
  })

  it('marks the labelled events of the week, the same hours as plain JavaScript does', async () => {
    const page = await openPage(browser, `${demo.address}?speed=24&until=7`)
    await expect.poll(() => tallies(page), { timeout: WEEK_MS_MAX, interval: 500 }).toEqual(WEEK)
  })

  it(`keeps the page free and small at ${LOAD_ROWS_PER_SECOND} rows a second`, async () => {
    const page = await openPage(browser, `${demo.address}?speed=24&interval=100&load=${LOAD_ROWS_PER_SECOND}`)
    await page.waitForTimeout(WARM_UP_MS)
    const watch = await ThreadWatch.open(page)
    // The profile is taken last: what the profiler keeps would count as the page's.
    const heapBefore = await watch.largestHeapBytes(HEAP_WATCH_MS)
    const heapAfter = await watch.largestHeapBytes(HEAP_WATCH_MS)
    const tasks = await watch.longTasks(LOAD_MS)
    const note = await text(page, '#load-note')
    process.stdout.write(`${note}\nheap ${heapBefore} → ${heapAfter} bytes; long tasks ${JSON.stringify(tasks)}\n`)

    const rows = Number(/sent ([\d,]+) readings/.exec(note)?.[1]?.replaceAll(',', ''))
    expect(rows).toBeGreaterThan(LOAD_ROWS_PER_SECOND * 0.9)
    expect(tasks.filter(({ engineMs, demoMs, collectorMs }) => engineMs + demoMs + collectorMs > TASK_MS_MAX)).toEqual([])
    expect(heapAfter / heapBefore - 1).toBeLessThan(HEAP_GROWTH_MAX)
  })

  it('restarts with other workers and another interval, and goes on where it was', async () => {
    const page = await openPage(browser, `${demo.address}?speed=24&until=7&workers=1`)
    const marked = async (): Promise<number> => (await tallies(page))['machine']?.[0] ?? 0
    await expect.poll(marked, { timeout: WEEK_MS_MAX }).toBeGreaterThan(0)
    await page.getByRole('radio', { name: '0', exact: true }).check({ force: true })
    await expect.poll(() => text(page, '#how'), { timeout: WEEK_MS_MAX }).toContain('own thread')
    await page.getByRole('radio', { name: '100 ms' }).check({ force: true })
    await expect.poll(() => tallies(page), { timeout: WEEK_MS_MAX, interval: 500 }).toEqual(WEEK)
  })

  it('is reached and worked by keyboard alone', async () => {
    const page = await openPage(browser, demo.address)
    await waitForRows(page)
    const reached: string[] = []
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press('Tab')
      reached.push(await page.evaluate(() => {
        const focused = document.activeElement as HTMLInputElement | null
        return focused?.name || focused?.id || focused?.tagName.toLowerCase() || ''
      }))
    }
    expect(reached.slice(0, 9))
      .toEqual(['theme', 'pause', 'restart', 'speed', 'interval', 'workers', 'load', 'summary', 'summary'])

    await page.locator('#load').focus()
    await page.keyboard.press('ArrowRight')
    expect(await text(page, '#load-value')).toBe('1,000 rows/s')
    await page.locator('#pause').focus()
    await page.keyboard.press('Enter')
    expect(await text(page, '#pause')).toBe('Go on')
    await page.locator('#theme').focus()
    const before = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    await page.keyboard.press('Space')
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).not.toBe(before)
  })

  it('fits a phone', async () => {
    const page = await openPage(browser, demo.address, { width: 390, height: 844 })
    await waitForRows(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  })

  it('ends cleanly on SIGTERM, and the page says that the feed is away', async () => {
    const another = await startDemo()
    onTestFinished(() => void another.stop())
    const page = await openPage(browser, another.address)
    await waitForRows(page)
    expect(await another.stop()).toBe(0)
    await expect.poll(() => text(page, '#problem')).toContain('feed is away')
    // Its vain attempts to connect again are complaints that belong here.
    await closePages()
  })
})

describe('the demo, built', () => {
  it('feeds itself under any path of a plain host, and says so', async () => {
    const site = await serveBuiltDemo('/some/path/')
    onTestFinished(() => site.close())
    const page = await openPage(browser, `${site.address}?speed=24&until=7`)
    await expect.poll(() => tallies(page), { timeout: WEEK_MS_MAX, interval: 500 }).toEqual(WEEK)
    expect(await text(page, '#feed-note')).toContain('stands by itself')
    expect(await text(page, '#how')).toMatch(/worker.* SIMD.* as copies/)
    expect(await page.evaluate(() => document.fonts.check('500 20px "Source Serif 4"'))).toBe(true)
  })
})
