/**
 * How busy each worker was during the last seconds, and how many tasks it has run.
 */
import type { WorkerFigures } from '../engine-figures.js'

interface Bar {
  readonly item: HTMLLIElement
  readonly name: HTMLElement
  readonly fill: HTMLElement
  readonly text: HTMLElement
}

export class WorkerBars {
  readonly #list: HTMLElement
  #bars: Bar[] = []
  #before: readonly WorkerFigures[] = []
  #beforeMs = 0

  constructor(list: HTMLElement) {
    this.#list = list
  }

  draw(workers: readonly WorkerFigures[], nowMs: number): void {
    if (workers.length !== this.#bars.length) this.#make(workers.length)
    const spanMs = Math.max(nowMs - this.#beforeMs, 1)
    workers.forEach((worker, index) => {
      const bar = this.#bars[index]
      if (bar === undefined) return
      const busyMs = worker.busyMs - (this.#before[index]?.busyMs ?? worker.busyMs)
      const busy = Math.min(Math.max(busyMs / spanMs, 0), 1)
      bar.name.textContent = worker.name
      bar.fill.style.transform = `scaleX(${busy.toFixed(3)})`
      bar.text.textContent = `${(busy * 100).toFixed(busy < 0.1 ? 1 : 0)} % busy, ${worker.tasks.toLocaleString('en')} tasks`
    })
    this.#before = workers
    this.#beforeMs = nowMs
  }

  #make(count: number): void {
    this.#before = []
    this.#list.replaceChildren()
    this.#bars = Array.from({ length: count }, () => {
      const item = document.createElement('li')
      item.innerHTML = '<span class="name"></span><span class="bar"><i></i></span><span class="text"></span>'
      const part = (selector: string): HTMLElement => item.querySelector<HTMLElement>(selector) as HTMLElement
      this.#list.append(item)
      return { item, name: part('.name'), fill: part('i'), text: part('.text') }
    })
  }
}
