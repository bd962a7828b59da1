/**
 * Real servers on free ports of this machine, for the tests of sources.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'

export interface TestServer {
  readonly url: string
  close(): Promise<void>
}

/** Serves HTTP; each request is handed to `handle`, with its number from 0. */
export async function serveHttp(handle: (request: IncomingMessage, response: ServerResponse, index: number) =>
  void): Promise<TestServer> {
  let index = 0
  const server = createServer((request, response) => handle(request, response, index++))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Serves WebSockets on `port` (0: a free one); `accept` gets each socket with its address and its number from 0. */
export async function serveSockets(
  accept: (socket: WebSocket, request: IncomingMessage, index: number) => void, port = 0,
): Promise<TestServer & { readonly port: number }> {
  let index = 0
  const server = new WebSocketServer({ host: '127.0.0.1', port })
  await once(server, 'listening')
  server.on('connection', (socket, request) => accept(socket, request, index++))
  const { port: bound } = server.address() as AddressInfo
  return {
    port: bound,
    url: `ws://127.0.0.1:${bound}/`,
    async close() {
      for (const client of server.clients) client.terminate()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
