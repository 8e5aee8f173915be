import { contract } from './contract.ts'
import { native } from './implementations/native.ts'

contract(native, {
  startWorker: () => new Worker(new URL('./realms/native.ts', import.meta.url), { type: 'module' }),
  pageScript: new URL('./realms/native.ts', import.meta.url).href,
})
