// Which real proxies the tests can run with on this machine, and which ones they must.
import { findHaproxy, haproxy } from './haproxy.ts'
import { findNginx, nginx } from './nginx.ts'
import type { ProxyOptions, RunningProxy } from './running.ts'

export interface RealProxy {
  readonly name: 'nginx' | 'haproxy'
  readonly installed: boolean
  start(options: ProxyOptions): Promise<RunningProxy>
}

/** Every proxy there is to know about. */
export function realProxies(): readonly RealProxy[] {
  return [
    { name: 'nginx', installed: findNginx() !== undefined, start: nginx },
    { name: 'haproxy', installed: findHaproxy() !== undefined, start: haproxy },
  ]
}

/** The proxies `HOLDFAST_PROXIES` demands, as `nginx,haproxy`; empty when it is not set. */
export function demandedProxies(): readonly string[] {
  return (process.env.HOLDFAST_PROXIES ?? '').split(',').filter(name => name !== '')
}

/** What is demanded and cannot be had, in words: such an absence must not look like success. */
export function unmetDemands(all: readonly RealProxy[] = realProxies(), demanded = demandedProxies()): string[] {
  const known = all.map(({ name }) => name).join(', ')
  return demanded.flatMap(wanted => {
    const proxy = all.find(({ name }) => name === wanted)
    if (!proxy) return [`Expected \`HOLDFAST_PROXIES\` to name ${known}, got ${wanted}.`]
    return proxy.installed ? [] : [`\`HOLDFAST_PROXIES\` demands ${wanted}, but ${whyNot(proxy)}.`]
  })
}

/**
 * The proxies to test with: those that are there, and demanded where anything is. Says aloud which ones are not run, so
 * ask once per test file, while its tests are collected.
 */
export function runnableProxies(
  all: readonly RealProxy[] = realProxies(),
  demanded = demandedProxies(),
  tell: (line: string) => void = line => console.warn(line),
): readonly RealProxy[] {
  return all.filter(proxy => {
    const wanted = demanded.length === 0 || demanded.includes(proxy.name)
    if (wanted && proxy.installed) return true
    const reason = wanted ? whyNot(proxy) : '`HOLDFAST_PROXIES` does not name it'
    tell(`*** ${proxy.name.toUpperCase()} NOT RUN: ${reason} ***`)
    return false
  })
}

function whyNot({ name }: RealProxy): string {
  return `no ${name} was found: install it, or set ${name.toUpperCase()}_PATH`
}
