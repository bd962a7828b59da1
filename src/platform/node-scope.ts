/** A worker thread's end of the line to its parent, in Node. */
import type { MessagePort, TransferListItem } from 'node:worker_threads'
import type { MessageEnd } from '../base/platform-port.js'

export function nodeScope(port: MessagePort): MessageEnd {
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer as TransferListItem[]),
    onMessage: listener => void port.on('message', listener),
  }
}
