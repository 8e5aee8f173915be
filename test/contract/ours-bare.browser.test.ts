import { contract } from './contract.ts'
import { oursBare } from './implementations/ours-bare.ts'

contract(oursBare, {
  startWorker: () => new Worker(new URL('./realms/ours-bare.ts', import.meta.url), { type: 'module' }),
  pageScript: new URL('./realms/ours-bare.ts', import.meta.url).href,
})
