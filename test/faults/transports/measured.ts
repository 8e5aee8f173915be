// What was measured, told where somebody wants to know: `HOLDFAST_MEASURED=1`.

/** One line of a table. */
export function measured(what: string, values: Readonly<Record<string, number | string>>): void {
  if (process.env.HOLDFAST_MEASURED !== '1') return
  const cells = Object.entries(values).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? Math.round(value) : value}`,
  )
  console.info(`measured: ${what}: ${cells.join(', ')}`)
}
