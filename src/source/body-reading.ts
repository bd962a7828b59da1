/**
 * Reading the body of one answer into an intake, as it comes. A chunk of its own, which `fetchStream` loads as it connects.
 * Invariant: the next piece is read only when the intake has room.
 */
import type { RequestInput } from './address.js'
import type { FetchStreamOptions } from './fetch-stream.js'
import { openResponse, piecesOf } from './http.js'
import { pushDecoded } from './payload.js'
import type { Link, Outcome } from './reconnect.js'
import type { Intake, SourceSchema } from './source.js'

/** Resolves when the body has ended. */
export async function read<S extends SourceSchema>(
  name: string, request: RequestInput, options: FetchStreamOptions<S>, link: Link, intake: Intake,
): Promise<Outcome> {
  const response = await openResponse(name, request, { ...options.init, signal: link.signal })
  link.connected()
  const { decode } = options
  const push = decode ? linePusher(intake, decode) : (bytes: Uint8Array | null) => bytes && intake.pushBytes(bytes)
  for await (const bytes of piecesOf(response)) {
    link.receivedData()
    await intake.ready()
    push(bytes)
  }
  push(null)
  return { kind: 'ended' }
}

/** Hands whole lines to the user's function; null ends the last line. Blank lines are nothing. */
function linePusher(intake: Intake, decode: (line: string) => unknown): (bytes: Uint8Array | null) => void {
  const decoder = new TextDecoder()
  let partial = ''
  return bytes => {
    const lines = (partial + (bytes ? decoder.decode(bytes, { stream: true }) : `${decoder.decode()}\n`)).split(/\r?\n/)
    partial = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') pushDecoded(intake, line, decode)
  }
}
