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
    ['secret', 'string'],
    [{ token: 'secret' }, 'object'],
  ])('names a value that must not be there: %o, but never a secret', (value, shown) => {
    const { message } = unexpected('ERR_OPTION', 'stableMs', 'a number from 0', value)
    expect(message).toBe(`Expected \`stableMs\` to be a number from 0, got ${shown}.`)
  })
})
