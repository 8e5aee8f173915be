import { readFileSync } from 'node:fs'
import ts from 'typescript'

const ROOT = new URL('../../', import.meta.url)
const GROUPS = ['describe']
const TESTS = ['it', 'test']

/** `it`, `it.each`, `it.each(…)`, `describe.concurrent`: the word that it begins with. */
function firstWord(callee: ts.Expression): string {
  if (ts.isIdentifier(callee)) return callee.text
  if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) return firstWord(callee.expression)
  return ''
}

/** A name as it is written, what it is filled with included. */
function written(name: ts.Expression | undefined, file: ts.SourceFile): string | undefined {
  if (!name) return undefined
  if (ts.isStringLiteralLike(name)) return name.text
  return ts.isTemplateExpression(name) ? name.getText(file).slice(1, -1) : undefined
}

/**
 * The names of the tests in a file, below their groups: `a page that is hidden > keeps its connection`. Where a name is
 * filled in, it is the pattern.
 */
export function namesOfTests(source: string): ReadonlySet<string> {
  const file = ts.createSourceFile('test.ts', source, ts.ScriptTarget.Latest)
  const names = new Set<string>()
  const visit = (node: ts.Node, groups: readonly string[]): void => {
    let inside = groups
    if (ts.isCallExpression(node)) {
      const [name] = node.arguments
      const title = written(name, file)
      const word = firstWord(node.expression)
      if (title !== undefined && TESTS.includes(word)) names.add([...groups, title].join(' > '))
      if (title !== undefined && GROUPS.includes(word)) inside = [...groups, title]
    }
    ts.forEachChild(node, child => visit(child, inside))
  }
  visit(file, [])
  return names
}

const read = new Map<string, ReadonlySet<string>>()

/** The same of a file of the repository; none where there is no such file. */
export function testsIn(file: string): ReadonlySet<string> {
  const known = read.get(file)
  if (known) return known
  let source = ''
  try {
    source = readFileSync(new URL(file, ROOT), 'utf8')
  } catch {
    // Told by whoever looks for a test in it.
  }
  const names = namesOfTests(source)
  read.set(file, names)
  return names
}
