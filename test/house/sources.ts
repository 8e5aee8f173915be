/** The source files as the rules of the house see them: parsed by the compiler, not by a pattern. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const SRC = fileURLToPath(new URL('../../src', import.meta.url))

export interface Import {
  /** Path below src, or the name of a package. */
  readonly to: string
  readonly typeOnly: boolean
}

export interface Source {
  /** Path below src, with `/`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
  /** Every name that the code mentions, comments and strings aside; `async` and `await` where they are used. */
  readonly words: ReadonlySet<string>
}

function typeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) {
    const { exportClause } = node
    return node.isTypeOnly || (!!exportClause && ts.isNamedExports(exportClause) && allTypes(exportClause.elements))
  }
  const clause = node.importClause
  if (!clause || clause.name) return clause?.isTypeOnly ?? false
  const { namedBindings } = clause
  return clause.isTypeOnly || (!!namedBindings && ts.isNamedImports(namedBindings) && allTypes(namedBindings.elements))
}

function allTypes(elements: ts.NodeArray<ts.ImportSpecifier | ts.ExportSpecifier>): boolean {
  return elements.every(element => element.isTypeOnly)
}

/** What a source file imports, and the names it mentions. */
export function parse(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const imports: Import[] = []
  const words = new Set<string>()
  const add = (specifier: ts.Expression, types: boolean): void => {
    if (!ts.isStringLiteral(specifier)) return
    const { text } = specifier
    const to = text.startsWith('.') ? join(dirname(path), text).replaceAll('\\', '/') : text
    imports.push({ to, typeOnly: types })
  }
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      add(node.moduleSpecifier, typeOnly(node))
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments
      if (specifier) add(specifier, false)
    } else if (ts.isIdentifier(node)) words.add(node.text)
    else if (ts.isAwaitExpression(node)) words.add('await')
    else if (node.kind === ts.SyntaxKind.AsyncKeyword) words.add('async')
    ts.forEachChild(node, visit)
  }
  visit(file)
  return { path, text, imports, words }
}

/** Every source file. */
export function sources(): readonly Source[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .map(path => {
      const below = relative(SRC, join(SRC, path)).replaceAll('\\', '/')
      return parse(below, readFileSync(join(SRC, path), 'utf8'))
    })
}
