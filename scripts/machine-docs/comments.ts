/** Reads what the comments of the core say, so that nothing is typed twice. */
import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** A name, its text in the source, and the comment above it. */
export interface Documented {
  readonly name: string
  readonly text: string
  readonly comment: string
}

const SRC = new URL('../../src/', import.meta.url)

/** A file of src, by its path there; one of the core by its name alone. */
function parse(file: string): ts.SourceFile {
  const path = file.includes('/') ? file : `core/${file}`
  return ts.createSourceFile(file, readFileSync(new URL(path, SRC), 'utf8'), ts.ScriptTarget.ES2022, true)
}

/** The last comment above a node, without its stars; '' when there is none. */
function commentOf(node: ts.Node, source: ts.SourceFile): string {
  const range = ts.getLeadingCommentRanges(source.text, node.pos)?.at(-1)
  const comment = range ? linesOf(source.text.slice(range.pos, range.end)).join(' ').trim() : ''
  return comment.replace(/\{@link ([^}]+)\}/g, '`$1`')
}

function linesOf(comment: string): readonly string[] {
  const inner = comment.replace(/^\/\*\*?|\*\/$/g, '')
  return inner.split('\n').map(line => line.replace(/^\s*\* ?/, '').trimEnd())
}

/** The laws at the head of transition.ts. */
export function laws(): readonly string[] {
  const [head = ''] = /\/\*\*[\s\S]*?\*\//.exec(parse('transition.ts').text) ?? []
  const found: string[] = []
  let inLaws = false
  for (const line of linesOf(head)) {
    const begins = /^\s*\d+\.\s+(.*)/.exec(line)
    if (begins?.[1]) found.push(begins[1])
    else if (inLaws && /^\s{2,}\S/.test(line)) found.push(`${found.pop()} ${line.trim()}`)
    inLaws = begins !== null || (inLaws && line !== '')
  }
  if (found.length === 0) throw new Error('There are no laws at the head of transition.ts.')
  return found
}

/** A number that has a name. */
export interface NamedNumber extends Documented {
  readonly value: number
}

/** What an expression of numbers comes to; NaN when it is none. */
function amountOf(expression: ts.Expression | undefined): number {
  if (!expression) return Number.NaN
  if (ts.isNumericLiteral(expression)) return Number(expression.text)
  if (ts.isIdentifier(expression)) return expression.text === 'Infinity' ? Infinity : Number.NaN
  if (!ts.isBinaryExpression(expression)) return Number.NaN
  const [left, right] = [amountOf(expression.left), amountOf(expression.right)]
  switch (expression.operatorToken.kind) {
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return left ** right
    case ts.SyntaxKind.AsteriskToken:
      return left * right
    case ts.SyntaxKind.MinusToken:
      return left - right
    default:
      return Number.NaN
  }
}

/** The numbers that have a name in a file of src. */
export function numbers(file: string): readonly NamedNumber[] {
  const source = parse(file)
  return source.statements.filter(ts.isVariableStatement).flatMap(statement =>
    statement.declarationList.declarations
      .map(({ name, initializer }) => ({
        name: name.getText(source),
        text: initializer?.getText(source) ?? '',
        value: amountOf(initializer),
        comment: commentOf(statement, source),
      }))
      .filter(({ value }) => !Number.isNaN(value)),
  )
}

/** The numbers of limits.ts. */
export function limits(): readonly NamedNumber[] {
  return numbers('limits.ts')
}

/** The fields of an interface, with the default that each says in its comment. */
export function defaultsOf(file: string, wanted: string): ReadonlyMap<string, string> {
  const source = parse(file)
  const found = source.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === wanted)
  if (!found) throw new Error(`There is no interface ${wanted} in ${file}.`)
  return new Map(
    found.members.filter(ts.isPropertySignature).map(field => {
      const tag = ts.getJSDocTags(field).find(({ tagName }) => tagName.text === 'defaultValue')
      return [field.name.getText(source), ts.getTextOfJSDocComment(tag?.comment)?.trim() ?? '']
    }),
  )
}

/** An interface of state.ts, with its fields. */
export function slot(wanted: string): Documented & { readonly fields: readonly Documented[] } {
  const source = parse('state.ts')
  const found = source.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === wanted)
  if (!found) throw new Error(`There is no interface ${wanted} in state.ts.`)
  return {
    name: wanted,
    text: '',
    comment: commentOf(found, source),
    fields: found.members.filter(ts.isPropertySignature).map(field => ({
      name: field.name.getText(source),
      text: field.type?.getText(source) ?? '',
      comment: commentOf(field, source),
    })),
  }
}

/** The members of a union that is keyed by `type`: events, effects. */
export function union(file: string, wanted: string): readonly Documented[] {
  const source = parse(file)
  const found = source.statements.filter(ts.isTypeAliasDeclaration).find(({ name }) => name.text === wanted)
  if (!found || !ts.isUnionTypeNode(found.type)) throw new Error(`There is no union ${wanted} in ${file}.`)
  return found.type.types.filter(ts.isTypeLiteralNode).map(member => {
    const [type, ...fields] = member.members.filter(ts.isPropertySignature)
    return {
      name: type?.type?.getText(source).slice(1, -1) ?? '',
      text: fields.map(field => field.name.getText(source)).join(', '),
      comment: unionComment(member, source),
    }
  })
}

/** A comment on a member of a union stands before its bar. */
function unionComment(member: ts.Node, source: ts.SourceFile): string {
  const bar = source.text.lastIndexOf('|', member.getStart(source))
  const before = source.text.slice(0, bar).trimEnd()
  if (!before.endsWith('*/')) return ''
  return linesOf(before.slice(before.lastIndexOf('/**')))
    .join(' ')
    .trim()
}
