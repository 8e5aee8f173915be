import { describe, expect, it } from 'vitest'
import { type RealProxy, runnableProxies, unmetDemands } from './runnable.ts'

const start = (): never => {
  throw new Error('Nothing is started here.')
}
const nginxAlone: readonly RealProxy[] = [
  { name: 'nginx', installed: true, start },
  { name: 'haproxy', installed: false, start },
]

function chosen(demanded: readonly string[]) {
  const lines: string[] = []
  const names = runnableProxies(nginxAlone, demanded, line => lines.push(line)).map(({ name }) => name)
  return { names, lines }
}

describe('a test with real proxies', () => {
  it('runs with those that are installed, and says aloud which ones are not', () => {
    expect(chosen([])).toEqual({
      names: ['nginx'],
      lines: ['*** HAPROXY NOT RUN: no haproxy was found: install it, or set HAPROXY_PATH ***'],
    })
  })

  it('runs with those that are demanded, and says so', () => {
    expect(chosen(['haproxy'])).toEqual({
      names: [],
      lines: [
        '*** NGINX NOT RUN: `HOLDFAST_PROXIES` does not name it ***',
        '*** HAPROXY NOT RUN: no haproxy was found: install it, or set HAPROXY_PATH ***',
      ],
    })
  })

  it.each([
    ['nothing is demanded', [], []],
    ['what is demanded is there', ['nginx'], []],
    [
      'what is demanded is absent',
      ['nginx', 'haproxy'],
      ['`HOLDFAST_PROXIES` demands haproxy, but no haproxy was found: install it, or set HAPROXY_PATH.'],
    ],
    ['what is demanded is unknown', ['caddy'], ['Expected `HOLDFAST_PROXIES` to name nginx, haproxy, got caddy.']],
  ])('knows what is missing when %s', (_, demanded, sentences) => {
    expect(unmetDemands(nginxAlone, demanded)).toEqual(sentences)
  })
})
