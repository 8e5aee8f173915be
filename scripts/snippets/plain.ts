/** What can be said of snippets that no compiler takes: shell, JSON, and what is there to be read. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { linked, proseOf, ROOT, type Snippet } from './documents.ts'

/** Run by test/faults/proxies with the real programs, or there to be read. */
const READ = ['nginx', 'haproxy', 'text', 'mermaid', 'http', 'html']
/** Fragments of modules, which a test beside the modules compares with them: examples/in-other-clients/docs.test.ts. */
const OTHERS = [...READ, 'typescript']
const PROGRAMS = ['npm', 'npx', 'node', 'curl', 'cd', 'git']
const OF_NPM = ['ci', 'install', 'test', 'pack', 'uninstall']

const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
)

/** What is wrong with a line of shell; '' when nothing is known to be. */
function wrongWith(line: string): string {
  const words = line.split(/\s+/).filter(word => !/^\w+=/.test(word))
  const [program = '', verb = '', name = ''] = words
  if (!PROGRAMS.includes(program))
    return `\`${program}\` is no program that this checks: add it to scripts/snippets/plain.ts`
  if (program === 'npm' && verb === 'run' && !(name in scripts)) return `there is no script \`${name}\` in package.json`
  if (program === 'npm' && verb !== 'run' && !OF_NPM.includes(verb)) return `\`npm ${verb}\` is not known`
  const ours = words.filter(word => /^(\.\/)?(test|examples|scripts|docs|bench|src)\/[\w./-]+$/.test(word))
  const absent = ours.filter(path => !existsSync(join(ROOT, path)))
  return absent.length ? `there is no ${absent.join(', ')}` : ''
}

function commandsIn(code: string): readonly string[] {
  const joined = code.replaceAll('\\\n', ' ')
  const lines = joined.split('\n').map(line => line.replace(/(^|\s)#.*/, '').trim())
  return lines.flatMap(line => line.split(/\s*(?:&&|\||;)\s*/)).filter(line => line !== '')
}

function wrongJson(code: string): string {
  try {
    JSON.parse(code)
    return ''
  } catch (problem) {
    return String(problem)
  }
}

/** An excerpt, written `typescript` and not `ts`, stands in a tested example as it is. */
function wrongExcerpt(code: string): string {
  const shown = code.trimEnd()
  return examples().some(text => text.includes(shown)) ? '' : 'this excerpt is in no file of examples'
}

let read: readonly string[] | undefined
function examples(): readonly string[] {
  read ??= readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name))
    .map(name => readFileSync(join(ROOT, 'examples', name), 'utf8'))
  return read
}

/** What is wrong with a snippet that is not compiled. */
export function checkPlain({ document, line, language, code }: Snippet): readonly string[] {
  const problems =
    language === 'sh'
      ? commandsIn(code).map(wrongWith)
      : language === 'json'
        ? [wrongJson(code)]
        : language === 'typescript'
          ? [wrongExcerpt(code)]
          : [OTHERS.includes(language) ? '' : `\`${language}\` is no language that this checks`]
  return problems.filter(problem => problem !== '').map(problem => `${document}:${line}: ${problem}`)
}

/** `npm run …` in running text. */
export function checkScripts(): readonly string[] {
  return linked().flatMap(document =>
    [...proseOf(document).matchAll(/`npm run ([\w:-]+)/g)]
      .filter(([, name = '']) => !(name in scripts))
      .map(([, name]) => `${document}: there is no script \`${name}\` in package.json`),
  )
}
