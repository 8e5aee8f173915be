/** Whether a promise is rejected and nobody hears of it while `act` runs, which no library should do to an app. */
export async function rejectionsWhile(act: () => Promise<unknown>): Promise<boolean> {
  let rejected = false
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', () => {
    rejected = true
  })
  try {
    await act()
    await new Promise(resolve => setImmediate(resolve))
  } finally {
    process.removeAllListeners('unhandledRejection')
    for (const other of others) process.on('unhandledRejection', other)
  }
  return rejected
}
