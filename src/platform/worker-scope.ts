/** A web worker's end of the line to its page. */
import type { MessageEnd } from '../base/platform-port.js'

/** Of a worker's global scope: a page's takes other arguments. */
const scope = globalThis as unknown as Pick<Worker, 'postMessage' | 'addEventListener'>

export const workerScope: MessageEnd = {
  postMessage: (message, transfer = []) => scope.postMessage(message, transfer),
  onMessage: listener => scope.addEventListener('message', ({ data }) => listener(data)),
}
