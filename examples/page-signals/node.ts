import { networkInterfaces } from 'node:os'
import type { PageSignals } from 'holdfast'

/** The addresses that lead out of this machine, as one text. */
function addressesOf(interfaces: ReturnType<typeof networkInterfaces>): string {
  const all = Object.values(interfaces).flatMap(addresses => addresses ?? [])
  const outward = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
  return outward
    .map(({ address }) => address)
    .sort()
    .join()
}

/**
 * For a program that runs where people move about: a laptop, a vehicle. Node has no events for the network, so its
 * addresses are looked at every so often; a server in a rack has no use for it.
 */
export function interfaceSignals({ everyMs = 5_000, interfaces = networkInterfaces } = {}): PageSignals {
  return tell => {
    let before = addressesOf(interfaces())
    if (before === '') tell('offline')
    const look = (): void => {
      const now = addressesOf(interfaces())
      if (now === before) return
      if (now === '') tell('offline')
      else tell(before === '' ? 'online' : 'network-changed')
      before = now
    }
    // It keeps no program running.
    const timer = setInterval(look, everyMs).unref()
    return () => clearInterval(timer)
  }
}
