import { oursBare } from '../implementations/ours-bare.ts'
import { answer } from './conversation.ts'

answer(oursBare)
