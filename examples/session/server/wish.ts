// What the page may ask the fleet for, as plain values: checked first, then carried out.
import { type Block, blockNames, isTab, type NodeName, nodeNames } from './names.ts'

export type FleetWish =
  | { readonly type: 'kill' | 'drain'; readonly node: NodeName }
  | { readonly type: 'cut' | 'silence'; readonly tab: string }
  | { readonly type: 'network'; readonly tab: string; readonly blocks: readonly Block[] }
  | { readonly type: 'lose-log' }

/** The request was understood and is wrong; the message says what was expected. */
export interface Objection {
  readonly error: string
}

export function parseWish(body: unknown): FleetWish | Objection {
  const fields = new Map(typeof body === 'object' && body !== null ? Object.entries(body) : [])
  const type: unknown = fields.get('type')
  switch (type) {
    case 'kill':
    case 'drain': {
      const node = nodeNames.find(name => name === fields.get('node'))
      return node === undefined ? { error: `Expected \`node\` to be ${nodeNames.join(' or ')}.` } : { type, node }
    }
    case 'cut':
    case 'silence': {
      const tab: unknown = fields.get('tab')
      return isTab(tab) ? { type, tab } : { error: 'Expected `tab` to be 32 hexadecimal digits.' }
    }
    case 'network': {
      const [tab, given]: readonly unknown[] = [fields.get('tab'), fields.get('blocks')]
      if (!isTab(tab)) return { error: 'Expected `tab` to be 32 hexadecimal digits.' }
      const blocks = blockNames.filter(name => Array.isArray(given) && given.includes(name))
      const known = Array.isArray(given) && given.length === blocks.length
      return known ? { type, tab, blocks } : { error: `Expected \`blocks\` to be some of ${blockNames.join(', ')}.` }
    }
    case 'lose-log':
      return { type }
    default:
      return { error: 'Expected `type` to be one of kill, drain, cut, silence, network, lose-log.' }
  }
}
