import { contract } from '../contract/contract.ts'
import { naive } from './implementation.ts'

contract(naive, {
  startWorker: () => new Worker(new URL('./realm.ts', import.meta.url), { type: 'module' }),
  pageScript: new URL('./realm.ts', import.meta.url).href,
})
