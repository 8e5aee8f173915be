import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventStreamParser, type StreamEvent } from '../../src/transports/event-stream-parser.ts'

type Told = StreamEvent | { readonly retry: number }

/** What is heard of a stream that comes in these pieces. */
function heard(pieces: readonly Uint8Array[], lastEventId = ''): readonly Told[] {
  const told: Told[] = []
  const parser = new EventStreamParser(
    { event: event => told.push(event), retry: retry => told.push({ retry }) },
    {},
    lastEventId,
  )
  for (const piece of pieces) parser.feed(piece)
  return told
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const parse = (text: string): readonly Told[] => heard([bytesOf(text)])
const event = (data: string, type = 'message', lastEventId = ''): StreamEvent => ({ type, data, lastEventId })

/** The standard, read aloud: the whole stream at once, line by line [WHATWG HTML §9.2.6]. */
function naively(bytes: Uint8Array): readonly Told[] {
  const told: Told[] = []
  let [data, type, id] = ['', '', '']
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).replace(/^\uFEFF/, '')
  const lines = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').split('\n')
  // What stands behind the last end of a line is no line.
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      if (data !== '') told.push({ type: type || 'message', data: data.replace(/\n$/, ''), lastEventId: id })
      data = type = ''
      continue
    }
    if (line.startsWith(':')) continue
    const [field = '', ...rest] = line.split(':')
    const value = rest.join(':').replace(/^ /, '')
    if (field === 'event') type = value
    if (field === 'data') data += `${value}\n`
    if (field === 'id' && !value.includes('\u0000')) id = value
    if (field === 'retry' && value !== '' && [...value].every(char => '0123456789'.includes(char)))
      told.push({ retry: Number.parseInt(value, 10) })
  }
  return told
}

/** Bytes, cut at those places. */
function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const sorted = [...places.map(place => place % (bytes.length + 1)), 0, bytes.length].sort((a, b) => a - b)
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end))
}

const anyLine = fc.oneof(
  fc.constantFrom('', '', 'data', 'data:', 'data: x', 'data:  x', ':', ': comment', 'event: e', 'event', 'id: 1', 'id'),
  fc.constantFrom(
    'id: a\0b',
    'retry: 10',
    'retry: 1x',
    'retry',
    'data: é€😀',
    '\uFEFFdata: x',
    ' data: x',
    'dat: x',
    'data:a:b',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const anyStream = fc
  .tuple(
    fc.constantFrom('', '\uFEFF', '\uFEFF\uFEFF'),
    fc.array(fc.tuple(anyLine, fc.constantFrom('\n', '\r', '\r\n', '\n\n', ''))),
  )
  .map(([bom, lines]) => bytesOf(bom + lines.flat().join('')))
const anyBytes = fc.oneof(anyStream, fc.uint8Array({ maxLength: 60 }))
const places = fc.array(fc.nat(), { maxLength: 8 })

describe('an event stream', () => {
  it('gives an event for every blank line behind data', () => {
    expect(parse('data: a\n\ndata:b\ndata\ndata: c\n\n')).toEqual([event('a'), event('b\n\nc')])
    expect(parse('data\n\n')).toEqual([event('')])
    expect(parse('\n\nevent: nothing\n\ndata: x\n\n')).toEqual([event('x')])
  })

  it('ends lines with LF, CR and CRLF, wherever it is cut', () => {
    for (const end of ['\n', '\r', '\r\n']) {
      const bytes = bytesOf(`data: a${end}${end}data: é😀${end}${end}`)
      for (let at = 0; at <= bytes.length; at++) {
        expect(heard(cut(bytes, [at]))).toEqual([event('a'), event('é😀')])
      }
      expect(heard([...bytes].map(byte => Uint8Array.of(byte)))).toEqual([event('a'), event('é😀')])
    }
  })

  it('does not take LF, LF behind a CR at the end of a piece for one line', () => {
    expect(heard(['data: a\r', '\n', '\n', 'data: b\r', '\n\r\n'].map(bytesOf))).toEqual([event('a'), event('b')])
  })

  it('gives an event as soon as its blank line is there, without waiting for what follows a CR', () => {
    expect(parse('data: a\r\r')).toEqual([event('a')])
  })

  it('takes one space off, and one BOM', () => {
    expect(parse('\uFEFFdata:  x\n\n')).toEqual([event(' x')])
    expect(parse('\uFEFF\uFEFFdata: x\n\n')).toEqual([])
    expect(parse('data: \uFEFFx\n\n')).toEqual([event('\uFEFFx')])
  })

  it('ignores comments, fields it does not know and a retry that is no number', () => {
    expect(parse(': hello\nfoo: bar\n data: x\nretry: 1.5\nretry: -1\nretry:\nretry: 2000\n\n')).toEqual([
      { retry: 2_000 },
    ])
  })

  it('keeps the last id for the events that follow, and an id with NUL for none', () => {
    expect(parse('id: 1\ndata: a\n\ndata: b\n\nid: 2\0\ndata: c\n\nid\ndata: d\n\n')).toEqual([
      event('a', 'message', '1'),
      event('b', 'message', '1'),
      event('c', 'message', '1'),
      event('d', 'message', ''),
    ])
  })

  it('goes on behind the id of an event that was complete, and of none that was not', () => {
    const parser = new EventStreamParser({ event: () => {} }, {}, 'before')
    expect(parser.lastEventId).toBe('before')
    parser.feed(bytesOf('id: 1\ndata: a\n\nid: 2\ndata: half'))
    expect(parser.lastEventId).toBe('1')
    parser.feed(bytesOf('\nid: 3\n\n'))
    expect(parser.lastEventId).toBe('3')
  })

  it('drops what has no blank line behind it at the end', () => {
    expect(parse('data: a\n\ndata: b\n')).toEqual([event('a')])
    expect(parse('data: a\n\ndata: b')).toEqual([event('a')])
  })

  it('says what the standard says, of any bytes', () => {
    fc.assert(
      fc.property(anyBytes, bytes => void expect(heard([bytes])).toEqual(naively(bytes))),
      { numRuns: 2_000 },
    )
  })

  it('gives the same events however it is cut', () => {
    fc.assert(
      fc.property(anyBytes, places, (bytes, at) => void expect(heard(cut(bytes, at))).toEqual(heard([bytes]))),
      { numRuns: 2_000 },
    )
  })
})

describe('a stream without an end', () => {
  const feeding = (text: string, pieces = 1_000) => {
    const parser = new EventStreamParser({ event: () => {} }, { line: 1_000, event: 2_000 })
    return () => {
      for (let piece = 0; piece < pieces; piece++) parser.feed(bytesOf(text))
    }
  }

  it('fails at a line that is too long, a comment too', () => {
    expect(feeding('data: xxxxxxxx')).toThrow(
      new RangeError('A line of the event stream has more than 1000 characters.'),
    )
    expect(feeding(':::::')).toThrow(RangeError)
    expect(feeding('x'.repeat(1_000), 1)).not.toThrow()
    expect(feeding('x'.repeat(1_001), 1)).toThrow(RangeError)
  })

  it('fails at an event that is too big, of many lines or of empty ones', () => {
    const fact = new RangeError('An event of the stream has more than 2000 characters of data.')
    expect(feeding('data: xxxxxxxx\n')).toThrow(fact)
    expect(feeding('data\n', 3_000)).toThrow(fact)
    expect(feeding(`${`data: ${'x'.repeat(99)}\n`.repeat(20)}\n`, 50)).not.toThrow()
  })

  it('fails at an id, or the name of an event, that is no name any more', () => {
    const parser = new EventStreamParser({ event: () => {} })
    expect(() => parser.feed(bytesOf(`id: ${'x'.repeat(70_000)}\n`))).toThrow('A field `id`')
    expect(() => parser.feed(bytesOf(`event: ${'x'.repeat(70_000)}\n`))).toThrow('A field `event`')
  })
})
