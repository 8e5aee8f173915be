/** The oldest browsers that can run the library, measured: by its syntax, and by what it uses. */
import { transform } from 'esbuild'
import { type Engine, GLOBALS, MEMBERS, type Since, SYNTAX } from './apis.ts'
import { bundle, newerMembers, usesOf } from './uses.ts'

export interface Floor {
  readonly engine: Engine
  readonly version: number
  /** What needs that version. */
  readonly because: string
}

/** What is tried: every version of Chromium and Firefox, and those of Safari that brought something. */
const VERSIONS: Readonly<Record<Engine, readonly number[]>> = {
  chrome: Array.from({ length: 81 }, (_, index) => 60 + index),
  firefox: Array.from({ length: 91 }, (_, index) => 50 + index),
  safari: [11, 11.1, 12, 12.1, 13, 13.1, 14, 14.1, 15, 15.1, 15.4, 15.6, 16, 16.4, 17, 17.4, 18],
}

const OLD =
  /^(?:Array|ArrayBuffer|Boolean|Date|Error|JSON|Map|Math|Number|Object|Promise|Reflect|RegExp|Set|String|Symbol|TypeError|Uint8Array|WeakMap|Infinity|arguments|decodeURIComponent|encodeURIComponent)$/
/** What ECMAScript had by 2018: a global of it, or a static member that no later edition brought. */
function isOld(name: string, newer: ReadonlyMap<string, number>): boolean {
  const [owner = '', member = ''] = name.split('.')
  return OLD.test(owner) && !newer.has(member)
}

async function lowered(code: string, target: string): Promise<string | null> {
  try {
    return (await transform(code, { target, logLevel: 'silent' })).code
  } catch {
    // It cannot be lowered to that.
    return null
  }
}

/** The oldest version for which esbuild has nothing to rewrite. */
async function oldestSyntax(code: string, engine: Engine): Promise<number> {
  const untouched = await lowered(code, 'esnext')
  let [low, high] = [0, VERSIONS[engine].length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((await lowered(code, `${engine}${VERSIONS[engine][middle]}`)) === untouched) high = middle
    else low = middle + 1
  }
  return VERSIONS[engine][low] ?? Infinity
}

/** Everything that is used, with its versions; throws for what nobody has looked up. */
function used(code: string): readonly (readonly [what: string, since: Since])[] {
  const { globals, members } = usesOf(code)
  const newer = newerMembers()
  const statics = new Set([...globals].map(name => name.split('.')[1]))
  const unknown = [
    ...[...globals].filter(name => !isOld(name, newer) && !Object.hasOwn(GLOBALS, name)),
    ...[...members]
      .filter(name => newer.has(name) && !Object.hasOwn(MEMBERS, name) && !statics.has(name))
      .map(name => `.${name}() of ES${newer.get(name)}`),
  ]
  if (unknown.length) {
    throw new Error(`Since when do browsers have ${unknown.join(', ')}? Say it in scripts/browsers-docs/apis.ts.`)
  }
  return [
    ...SYNTAX.filter(([, pattern]) => pattern.test(code)).map(([what, , since]) => [what, since] as const),
    ...Object.entries(GLOBALS)
      .filter(([name]) => globals.has(name))
      .map(([name, since]) => [`\`${name}\``, since] as const),
    ...Object.entries(MEMBERS)
      .filter(([name]) => members.has(name))
      .map(([name, since]) => [`\`.${name}()\``, since] as const),
  ]
}

export async function floors(): Promise<readonly Floor[]> {
  const code = await bundle()
  const all = used(code)
  const engines: readonly Engine[] = ['chrome', 'firefox', 'safari']
  return Promise.all(
    engines.map(async engine => {
      const syntax = await oldestSyntax(code, engine)
      const version = Math.max(syntax, ...all.map(([, since]) => since[engine]))
      const because = all.filter(([, since]) => since[engine] === version).map(([what]) => what)
      return { engine, version, because: because.join(', ') || 'its syntax, by the table of esbuild' }
    }),
  )
}
