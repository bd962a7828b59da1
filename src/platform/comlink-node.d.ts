/** Types of comlink's adapter for Node, whose declaration file TypeScript does not find beside an .mjs file. */
declare module 'comlink/dist/esm/node-adapter.mjs' {
  import type { Endpoint } from 'comlink'
  import type { MessagePort, Worker } from 'node:worker_threads'
  function nodeEndpoint(port: MessagePort | Worker): Endpoint
  export { nodeEndpoint as default }
}
