import { vi } from 'vitest'

/**
 * The exceptions the page reports while `act` runs, as `window` sees them. Nobody else hears of them: they are
 * what the test is about.
 */
export async function reportedWhile(act: () => unknown): Promise<unknown[]> {
  const reported: unknown[] = []
  const listener = (event: ErrorEvent) => {
    event.preventDefault()
    reported.push(event.error)
  }
  const silent = vi.spyOn(console, 'error').mockImplementation(() => {})
  window.addEventListener('error', listener)
  try {
    await act()
  } finally {
    window.removeEventListener('error', listener)
    silent.mockRestore()
  }
  return reported
}
