/**
 * The header line of CSV: the one line that is read on the scheduler's thread, because it says how the others are to be read.
 */
const decoder = new TextDecoder()

/** Names in a header line (its line end and a byte order mark may be there), RFC 4180 quoting. */
export function readCsvHeader(line: Uint8Array, delimiter: string): string[] {
  return readCsvFields(decoder.decode(line), delimiter)
}

/** Fields of one record of CSV text, its line end not among them. */
export function readCsvFields(record: string, delimiter: string): string[] {
  const text = record.replace(/\r?\n$/, '')
  const names: string[] = []
  let at = 0
  for (;;) {
    const field = takeField(text, at, delimiter)
    names.push(field.name)
    if (field.end >= text.length) return names
    at = field.end + 1
  }
}

/** The field that begins at `at`, and where it ends: at the delimiter or the end of the line. */
function takeField(text: string, at: number, delimiter: string): { name: string; end: number } {
  if (text[at] !== '"') {
    const end = text.indexOf(delimiter, at)
    return { name: text.slice(at, end < 0 ? text.length : end), end: end < 0 ? text.length : end }
  }
  let name = ''
  let i = at + 1
  for (; i < text.length; i++) {
    if (text[i] !== '"') name += text[i]
    else if (text[i + 1] === '"') name += text[++i]
    else break
  }
  const end = text.indexOf(delimiter, i)
  return { name, end: end < 0 ? text.length : end }
}
