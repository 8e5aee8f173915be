import { setTimeout as after } from 'node:timers/promises'

/** In real time: a proxy knows no other. */
export const pause = (ms: number): Promise<void> => after(ms)
