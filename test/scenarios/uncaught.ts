/** What the platform reports while `act` runs: Node throws a listener's error where nobody catches it. */
export async function uncaughtWhile(act: () => unknown): Promise<readonly unknown[]> {
  const uncaught: unknown[] = []
  const others = process.listeners('uncaughtException')
  const listener = (error: unknown): void => {
    uncaught.push(error)
  }
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', listener)
  try {
    await act()
    await new Promise(resolve => setImmediate(resolve))
  } finally {
    process.off('uncaughtException', listener)
    for (const other of others) process.on('uncaughtException', other)
  }
  return uncaught
}
