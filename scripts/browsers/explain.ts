import type { TestCase, TestModule } from 'vitest/node'

type Failure = NonNullable<ReturnType<TestCase['result']>['errors']>[number]

/** What a failed assertion expected and got, in full and on one line; else the first line of the message. */
function inWords({ message, expected, actual }: Failure): string {
  const flat = (value: unknown) => String(value).replaceAll(/\s+/g, ' ')
  if (expected === undefined && actual === undefined) return message.split('\n')[0] ?? message
  return `expected ${flat(expected)}, got ${flat(actual)}`
}

/** Prints every failure of a file under the heading given. */
export function explain(heading: string, module: TestModule): void {
  for (const { message } of module.errors()) console.log(`${heading}: ${message}`)
  for (const test of module.children.allTests('failed')) {
    console.log(`${heading}: ${test.fullName}`)
    for (const error of test.result().errors ?? []) console.log(`    ${inWords(error)}`)
  }
}
