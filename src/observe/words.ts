/** `0.3 s`, `4 s`, `12 min`: as exact as a person needs it. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${Math.round(ms / 100) / 10} s`
  if (ms < 600_000) return `${Math.round(ms / 1_000)} s`
  return `${Math.round(ms / 60_000)} min`
}

/** `1,204`. */
export function count(number: number): string {
  return number.toLocaleString('en-US')
}

/** Time of day in UTC, `12:04:11Z`. */
export function timeOfDay(wall: number): string {
  // A year after 275760 is no date; one after 9999 has more digits.
  return `${new Date(Math.min(wall, 8.64e15)).toISOString().slice(-13, -5)}Z`
}

/** Text from outside, in quotes, on one line, and in one direction: a close reason must not forge a log line. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu, '?')
}
