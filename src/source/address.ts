/** Addresses of requests, and how sources over HTTP are named after them. */

/** A request as `fetch` takes it. */
export type RequestInput = string | URL | Request

/** What an address looks like in names and messages. */
export function addressOf(input: RequestInput): string {
  return input instanceof Request ? input.url : String(input)
}
