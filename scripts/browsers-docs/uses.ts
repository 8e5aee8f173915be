/** What the bundle of the library asks of the platform: globals, their static members, and methods that came with ES2019 or later. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The entries that an app ships, bundled as an app bundles them. */
export async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: "export * from './index.ts'; export * as observe from './observe/index.ts'",
      resolveDir: join(ROOT, 'src'),
    },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  })
  const [made] = outputFiles
  if (!made) throw new Error('esbuild made no bundle.')
  return made.text
}

function declaredBy(node: ts.Node): ts.Node | undefined {
  const declares =
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isClassDeclaration(node) ||
    ts.isClassExpression(node) ||
    ts.isBindingElement(node)
  return declares ? node.name : undefined
}

/** An identifier that reads a variable, and is no name of a property. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  if (ts.isBindingElement(parent)) return parent.initializer === node
  const names = ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent) || ts.isAccessor(parent)
  return !names && !ts.isExportSpecifier(parent) && !ts.isLabeledStatement(parent)
}

/** What a program takes from outside itself. */
export interface Uses {
  /** `URL`, `Object.hasOwn`. */
  readonly globals: ReadonlySet<string>
  /** Names of methods and properties that are read: `at`. */
  readonly members: ReadonlySet<string>
}

export function usesOf(code: string): Uses {
  const source = ts.createSourceFile('bundle.js', code, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS)
  const declared = new Set<string>()
  const globals = new Set<string>()
  const members = new Set<string>()
  const walk = (node: ts.Node, visit: (node: ts.Node) => void): void => {
    visit(node)
    ts.forEachChild(node, child => walk(child, visit))
  }
  walk(source, node => {
    const name = declaredBy(node)
    if (name && ts.isIdentifier(name)) declared.add(name.text)
  })
  const isGlobal = (node: ts.Node): node is ts.Identifier => ts.isIdentifier(node) && !declared.has(node.text)
  walk(source, node => {
    if (ts.isIdentifier(node) && isGlobal(node) && isReference(node)) globals.add(node.text)
    if (ts.isPropertyAccessExpression(node)) {
      members.add(node.name.text)
      if (isGlobal(node.expression)) {
        const { text } = node.expression
        globals.add(text === 'globalThis' ? node.name.text : `${text}.${node.name.text}`)
      }
    }
    // const { WebSocket } = globalThis
    const taken = ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name) && node.initializer
    if (taken && ts.isIdentifier(taken) && taken.text === 'globalThis' && ts.isObjectBindingPattern(node.name)) {
      for (const { name, propertyName } of node.name.elements) globals.add((propertyName ?? name).getText(source))
    }
  })
  return { globals, members }
}

/** The year of an edition by the name of its declarations: `lib.es2022.array.d.ts`; NaN for other files. */
function yearOf(file: string): number {
  const [, edition = ''] = /^lib\.(es5|es20\d\d|esnext)\..*d\.ts$/.exec(file) ?? []
  if (edition === 'es5') return 2009
  return edition === 'esnext' ? Infinity : Number(edition.slice(2) || Number.NaN)
}

/** The methods that came with an edition of ECMAScript after ES2018, and its year, from TypeScript's own declarations. */
export function newerMembers(): ReadonlyMap<string, number> {
  const folder = dirname(fileURLToPath(import.meta.resolve('typescript')))
  const found = new Map<string, number>()
  for (const file of readdirSync(folder)) {
    const year = yearOf(file)
    if (Number.isNaN(year)) continue
    for (const [, member = ''] of readFileSync(join(folder, file), 'utf8').matchAll(/^ {4}(\w+)[?]?(?:<[^>]*>)?\(/gm)) {
      found.set(member, Math.min(year, found.get(member) ?? Infinity))
    }
  }
  return new Map([...found].filter(([, year]) => year > 2018))
}
