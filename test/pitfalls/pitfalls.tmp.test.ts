import { describe, it } from 'vitest'
import { construction } from './construction.ts'
import { closing } from './closing.ts'
import { trialOf } from './proof.ts'
import { holdfast, others } from './subjects.ts'
import { inWorld } from './world.ts'
import { writeFileSync } from 'node:fs'
const out: string[] = []
const mods: Record<string, any> = { construction, closing }
for (const [s, proofs] of Object.entries(mods)) describe(s, () => {
  for (const [name, proof] of Object.entries<any>(proofs)) it(name, async () => {
    for (const subject of [holdfast, ...others.values()]) {
      let said = 'PASSES'
      try { await inWorld(subject.speaks, async w => { await proof(trialOf(subject, w)); if (w.uncaught.length) said = 'PASSES, uncaught ' + w.uncaught.map(String).join('|').slice(0,100) }) } catch (e: any) { said = (e.name === 'AssertionError' ? 'FALLS ' : `CRASH `) + e.message }
      if (!said.startsWith('CRASH') || subject === holdfast) out.push(`${s} | ${name} | ${subject.name} | ${said}`)
    }
    writeFileSync('/tmp/pit.txt', out.join('\n'))
  })
})
