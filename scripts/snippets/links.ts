/** Do the links of the documents lead somewhere? Those to other sites are not followed. */
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { linked, proseOf, ROOT } from './documents.ts'

const LINK = /\]\((?!\w+:)([^)\s]*)\)/g
const HEADING = /^#+ +(.+)$/gm

/** The anchors that GitHub gives to the headings of a document. */
export function anchorsOf(document: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of proseOf(document).matchAll(HEADING)) {
    const anchor = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-')
    let free = anchor
    for (let n = 1; anchors.has(free); n++) free = `${anchor}-${n}`
    anchors.add(free)
  }
  return anchors
}

/** What is wrong with a link from there; `null` when nothing is. */
function wrongWith(document: string, target: string): string | null {
  const [path = '', anchor] = target.split('#')
  const to = path === '' ? document : normalize(join(dirname(document), path))
  if (to.startsWith('docs/api')) return null
  if (!existsSync(join(ROOT, to))) return `there is no ${to}`
  return anchor === undefined || !to.endsWith('.md') || anchorsOf(to).has(anchor) ? null : `${to} has no #${anchor}`
}

/** Every link, and every one that leads nowhere. */
export function checkLinks(): { readonly count: number; readonly problems: readonly string[] } {
  let count = 0
  const problems: string[] = []
  for (const document of linked()) {
    const prose = proseOf(document)
    for (const { index, 1: target = '' } of prose.matchAll(LINK)) {
      count++
      const wrong = wrongWith(document, target)
      if (wrong) problems.push(`${document}:${prose.slice(0, index).split('\n').length}: ${wrong}`)
    }
  }
  return { count, problems }
}
