/**
 * What the sources over HTTP share: a request that can be made again, the check of the answer, and reading its body piece by
 * piece.
 */
import { MillraceError } from '../base/errors.js'
import type { RequestInput } from './address.js'

/**
 * The answer, when its status is 200 to 299. Other statuses that may pass (408, 429, 500 and above) throw an Error, which is a
 * cut; the rest throw MillraceError SOURCE_FAILED.
 */
export async function openResponse(name: string, input: RequestInput, init: RequestInit): Promise<Response> {
  const response = await fetch(input instanceof Request ? input.clone() : input, init)
  if (response.ok) return response
  const what = `${name}: the server answered ${response.status} ${response.statusText}`.trimEnd()
  await response.body?.cancel()
  if (response.status === 408 || response.status === 429 || response.status >= 500) throw new Error(what)
  throw new MillraceError('SOURCE_FAILED', `${what}.`, { where: { source: name } })
}

/** The pieces of a body as they come; leaving the loop cancels it. */
export async function* piecesOf(response: Response): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    reader.cancel().catch(() => {})
  }
}
