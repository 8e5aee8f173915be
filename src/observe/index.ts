export { type Describable, describe } from './describe.ts'
export { explain } from './explain.ts'
export { type LogOptions, log } from './log.ts'
export { meaningOf } from './meanings.ts'
