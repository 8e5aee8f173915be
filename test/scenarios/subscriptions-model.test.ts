import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import type { HookConnection } from '../../src/index.ts'
import type { Behaviour } from '../../src/testing/index.ts'
import { story } from './story.ts'

// Many lives take seconds where a single one takes none.
vi.setConfig({ testTimeout: 60_000 })

const KEYS = ['a', 'b', 'c'] as const
/** How long the server takes to acknowledge what is said of a key; `null`: nobody waits for it. */
const ACKNOWLEDGED_MS: Readonly<Record<string, number | null>> = { a: null, b: 30, c: 400 }

type Step =
  | { readonly type: 'subscribe'; readonly key: string }
  | { readonly type: 'leave'; readonly user: number }
  | { readonly type: 'reset' | 'close' | 'reconnect' | 'nothing' }

const step: fc.Arbitrary<readonly [Step, waitMs: number]> = fc.tuple(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('subscribe' as const), key: fc.constantFrom(...KEYS) }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('leave' as const), user: fc.nat({ max: 20 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constantFrom('reset' as const, 'close' as const, 'reconnect' as const, 'nothing' as const),
      }),
    },
  ),
  fc.constantFrom(0, 0, 0, 20, 50, 500, 5_000),
)

/** What a server believes, and what it was told that makes no sense. */
interface Belief {
  joined: ReadonlySet<string>
  nonsense: readonly string[]
}

it('the server believes of an open connection that has settled what the app has subscribed to, and was never told anything twice', async () => {
  let restored = 0
  let left = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), fc.nat(), async (steps, seed) => {
      const beliefs: Belief[] = []
      const behaviour: Behaviour = connection => {
        const belief: Belief = { joined: new Set(), nonsense: [] }
        beliefs.push(belief)
        connection.accept()
        connection.heard(message => {
          const [sign, key = ''] = [...`${message}`]
          const joins = sign === '+'
          if (belief.joined.has(key) === joins) belief.nonsense = [...belief.nonsense, `${message}`]
          const others = [...belief.joined].filter(each => each !== key)
          belief.joined = new Set(joins ? [...others, key] : others)
          connection.after(ACKNOWLEDGED_MS[key] ?? 0, () => connection.send(`ok ${message}`))
        })
      }
      const { clock, server, socket, problems } = story({ behaviour, seed })
      const tell = (key: string, sign: string) => (connection: HookConnection) => {
        connection.send(sign + key)
        if (sign === '-') left++
        if (ACKNOWLEDGED_MS[key] === null) return
        return connection.receive(({ data }) => data === `ok ${sign}${key}`).then(() => {})
      }
      const users: { readonly key: string; readonly leave: () => void }[] = []
      for (const [todo, waitMs] of steps) {
        if (todo.type === 'subscribe') {
          const { key } = todo
          users.push({ key, leave: socket.subscribe(key, { join: tell(key, '+'), leave: tell(key, '-') }) })
        } else if (todo.type === 'leave') {
          const [user] = users.splice(todo.user % Math.max(1, users.length), 1)
          user?.leave()
          user?.leave()
        } else if (todo.type === 'reconnect') socket.reconnect()
        else if (todo.type !== 'nothing' && server.open.includes(server.latest)) {
          if (todo.type === 'reset') server.latest.reset()
          else server.latest.close(4000)
        }
        await clock.advance(waitMs)
      }
      await clock.advance(120_000)
      expect(server.open).toHaveLength(1)
      expect([...(beliefs.at(-1)?.joined ?? [])].sort()).toEqual([...new Set(users.map(({ key }) => key))].sort())
      expect(beliefs.flatMap(({ nonsense }) => nonsense)).toEqual([])
      expect(problems).toEqual([])
      if (beliefs.filter(({ joined }) => joined.size).length > 1) restored++
      socket.close()
      await clock.advance(60_000)
      expect(clock.timers).toBe(0)
    }),
    { numRuns: 400, seed: Number(process.env.HOLDFAST_SEED ?? 20_250_103) },
  )
  expect(Math.min(restored, left)).toBeGreaterThan(100)
})
