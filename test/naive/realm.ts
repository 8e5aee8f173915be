import { answer } from '../contract/realms/conversation.ts'
import { naive } from './implementation.ts'

answer(naive)
