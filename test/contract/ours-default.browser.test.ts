import { contract } from './contract.ts'
import { oursDefault } from './implementations/ours-default.ts'

contract(oursDefault, {
  startWorker: () => new Worker(new URL('./realms/ours-default.ts', import.meta.url), { type: 'module' }),
  pageScript: new URL('./realms/ours-default.ts', import.meta.url).href,
})
