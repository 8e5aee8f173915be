/**
 * `npm run snippets`: the code and the links of the README and the docs. TypeScript is compiled and run, tests by vitest
 * and the rest in a scripted world; shell, JSON and links are looked through.
 */
import { command } from './snippets/command.ts'
import { documents, type Snippet, snippetsOf } from './snippets/documents.ts'
import { FOLDER, inDocuments, isTest, write } from './snippets/files.ts'
import { checkLinks } from './snippets/links.ts'
import { checkPlain, checkScripts } from './snippets/plain.ts'
import { runAll } from './snippets/run.ts'

const LANGUAGES = ['ts', 'tsx', 'js']

const pages = documents()
const all = pages.flatMap(snippetsOf)
const code = all.filter(({ language }) => LANGUAGES.includes(language))
const runnable = code.filter(({ notRun }) => notRun === null)
const tests = runnable.filter(isTest)
const plain = all.filter(snippet => !code.includes(snippet))
const links = checkLinks()

write(code)
const [compiled, tested, runs] = await Promise.all([
  command('tsc', '-p', FOLDER),
  command('vitest', 'run', '--config', `${FOLDER}/vitest.config.mjs`),
  runAll(runnable.filter(snippet => !isTest(snippet))),
])

const said = ({ ok, text }: typeof compiled): readonly string[] => (ok ? [] : [inDocuments(text, code)])
const problems = [
  ...said(compiled),
  ...said(tested),
  ...runs.flatMap(({ snippet, failures }) =>
    failures.map(failure => `${snippet.document}:${snippet.line}: the snippet failed when it was run: ${failure}`),
  ),
  ...plain.flatMap(checkPlain),
  ...checkScripts(),
  ...links.problems,
]
if (code.length === 0 || links.count === 0) problems.push('Found no snippet, or no link: a pattern no longer matches.')

const at = ({ document, line }: Snippet): string => `${document}:${line}`
const untold = code.filter(({ notRun }) => notRun !== null)
console.log(
  [
    ...untold.map(snippet => `not run: ${at(snippet)}: ${snippet.notRun}`),
    `${code.length} snippets of code in ${pages.length} documents: ${runs.length} run in a scripted world, which they dialled ` +
      `${runs.reduce((sum, { dials }) => sum + dials, 0)} times, ${tests.length} run by vitest, ${untold.length} not run; ` +
      `${plain.length} others; ${links.count} links.`,
    ...problems.map(problem => `\n${problem}`),
    problems.length ? `\n${problems.length} problems.` : 'All as they should be.',
  ].join('\n'),
)
process.exitCode = problems.length ? 1 : 0
