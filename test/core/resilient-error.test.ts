import { describe, expect, it } from 'vitest'
import { ResilientError, unexpected } from '../../src/core/resilient-error.ts'

describe('an error of Holdfast', () => {
  it('has a code for programs and a sentence for people', () => {
    const error = new ResilientError('ERR_CLOSED', 'The socket is closed.')
    expect([error.code, error.message, error.name]).toEqual(['ERR_CLOSED', 'The socket is closed.', 'ResilientError'])
    expect(error).toBeInstanceOf(Error)
  })

  it('keeps what was thrown beneath it', () => {
    const cause = new Error('below')
    expect(new ResilientError('ERR_PROVIDER', 'It failed.', cause).cause).toBe(cause)
    expect('cause' in new ResilientError('ERR_PROVIDER', 'It failed.')).toBe(false)
  })

  it.each([
    [500, '500'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [5n, 'bigint'],
    [Symbol('x'), 'symbol'],
    ['10 s', '"10 s"'],
    ['a\nb', '"a\\nb"'],
    ['x'.repeat(17), `"${'x'.repeat(16)}…"`],
    ['wss://feed.example/?ticket=secret', 'string'],
    [{ token: 'secret' }, 'object'],
    [() => 'secret', 'function'],
  ])('names a value that must not be there: %o, but never a secret', (value, shown) => {
    const { message } = unexpected('ERR_OPTION', 'stableMs', 'a number from 0', value)
    expect(message).toBe(`Expected \`stableMs\` to be a number from 0, got ${shown}.`)
  })

  it.each(['auth', 'auth.onRotate', 'auth().token', 'url', 'options'])(
    'names a string by kind where it may be a secret: `%s`',
    path => {
      expect(unexpected('ERR_OPTION', path, 'something else', 'secret').message).toMatch(/, got string\.$/)
    },
  )

  it('names a string by kind where nobody knows what it is: an option that does not exist', () => {
    expect(unexpected('ERR_OPTION', 'token', 'absent: no such option', 'secret').message).not.toContain('secret')
  })

  it('cuts the name of an option that is no name', () => {
    const { message } = unexpected('ERR_OPTION', 'x'.repeat(1e6), 'absent: no such option', 1)
    expect(message.length).toBeLessThan(150)
  })
})
