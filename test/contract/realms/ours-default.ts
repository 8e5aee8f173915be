import { oursDefault } from '../implementations/ours-default.ts'
import { answer } from './conversation.ts'

answer(oursDefault)
