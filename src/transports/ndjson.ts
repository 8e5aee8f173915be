/** Characters of one line: eight times the greatest message that a server of ours takes by default. */
const LINE_LETTERS = 8 * 1024 * 1024

/**
 * The lines of an answer as they come; blank ones are left out. `heard` is called for every piece.
 *
 * @throws RangeError for a line without an end; what the network throws.
 */
export async function* linesOf(response: Response, heard: () => void): AsyncGenerator<string> {
  let rest = ''
  for await (const text of textOf(response)) {
    heard()
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_LETTERS)
      throw new RangeError(`A line of the answer has more than ${LINE_LETTERS} characters.`)
    for (const line of lines) if (line.trim()) yield line
  }
  if (rest.trim()) yield rest
}

async function* textOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.getReader()
  // React Native has no streams.
  if (!reader) {
    yield await response.text()
    return
  }
  const decoder = new TextDecoder()
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      yield decoder.decode(piece.value, { stream: true })
    }
  } finally {
    // Whoever stops reading lets go of the connection.
    reader.cancel().catch(() => {})
  }
}
