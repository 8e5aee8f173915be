const begun = performance.now()

/** Says on stderr how far the run is; the numbers go to stdout. */
export function progress(what: string, done: number): void {
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0).padStart(4)
  process.stderr.write(`${seconds} s  ${what} ${Math.round(done * 100)} %\n`)
}
