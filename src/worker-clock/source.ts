/**
 * What the worker runs: `[id, ms]` sets a timer and `[id]` undoes it; the id comes back when it is due. The `0` at the
 * beginning says that it runs. The same as `worker.ts`, as text: a function that prints itself would refer to whatever a
 * bundler or a coverage tool put into it.
 */
export const workerSource: string = `const timers = new Map()
onmessage = ({ data: [id, ms] }) => {
  clearTimeout(timers.get(id))
  timers.delete(id)
  if (ms >= 0) timers.set(id, setTimeout(() => {
    timers.delete(id)
    postMessage(id)
  }, ms))
}
postMessage(0)
`
