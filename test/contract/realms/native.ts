import { native } from '../implementations/native.ts'
import { answer } from './conversation.ts'

answer(native)
