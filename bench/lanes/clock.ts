import { cpuPer, lane } from './lane.ts'

/** CPU per reading of the clock: the price of knowing when a message came. */
export function clock(readings: number): void {
  let sum = 0
  const read = (): void => {
    for (let i = 0; i < readings; i++) sum += Date.now()
  }
  lane(async () => {
    const ns = await cpuPer(readings, read)
    if (sum === 0) throw new Error('The clock stands still.')
    return { ns }
  })
}
