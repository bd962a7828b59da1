/**
 * What the demo's tests share: the running `scripts/start.mjs`, a Chromium, and pages that remember what went wrong on them.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright'
import { CHROMIUM_FLAGS, findChromium } from '../../scripts/chromium.mjs'

const START_MS_MAX = 120_000
const root = fileURLToPath(new URL('../..', import.meta.url))

export interface RunningDemo {
  readonly address: string
  /** Sends SIGTERM and gives the exit code. */
  stop(): Promise<number | null>
}

/** Runs `npm start`'s script on a free port and waits for its address. */
export function startDemo(): Promise<RunningDemo> {
  const child: ChildProcess = spawn(process.execPath, ['scripts/start.mjs'], { cwd: root, env: { ...process.env, PORT: '0' } })
  const ended = new Promise<number | null>(resolve => child.on('exit', code => resolve(code)))
  return new Promise((resolve, reject) => {
    let said = ''
    const timer = setTimeout(() => fail(`said no address within ${START_MS_MAX} ms`), START_MS_MAX)
    const fail = (why: string): void => {
      child.kill()
      reject(new Error(`scripts/start.mjs ${why}:\n${said}`))
    }
    const hear = (data: unknown): void => {
      said += String(data)
      const address = /http:\/\/localhost:\d+\//.exec(said)?.[0]
      if (address === undefined) return
      clearTimeout(timer)
      resolve({
        address,
        stop: () => {
          child.kill('SIGTERM')
          return ended
        },
      })
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    void ended.then(code => fail(`ended with code ${code}`))
  })
}

export function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  return chromium.launch({ ...(executablePath === null ? {} : { executablePath }), args: [...CHROMIUM_FLAGS] })
}

const pages: Page[] = []
const complaints: string[] = []

/** Opens a page that is closed, and whose complaints are given, by the next `closePages`. */
export async function openPage(browser: Browser, url: string, viewport = { width: 1_280, height: 900 }): Promise<Page> {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  pages.push(page)
  page.on('console', message => void (message.type() === 'error' && complaints.push(message.text())))
  page.on('pageerror', error => void complaints.push(error.stack ?? error.message))
  await page.goto(url)
  return page
}

/** Closes all pages and gives their console errors, uncaught errors, and the problem that the page itself tells of. */
export async function closePages(): Promise<readonly string[]> {
  for (const page of pages.splice(0)) {
    const problem = await page.locator('#problem').textContent()
    if (problem) complaints.push(problem)
    await page.context().close()
  }
  return complaints.splice(0)
}

/** The tally under each chart: how many hours are marked, and how many of them within a labelled event. */
export function tallies(page: Page): Promise<Record<string, readonly [marked: number, inside: number]>> {
  return page.evaluate(() => Object.fromEntries([...document.querySelectorAll<HTMLElement>('figure[data-sensor]')].map(figure => {
    const [marked = 0, inside = 0] = (figure.querySelector('b')?.textContent?.match(/\d+/g) ?? []).map(Number)
    return [figure.dataset['sensor'] ?? '', [marked, inside] as const]
  })))
}
