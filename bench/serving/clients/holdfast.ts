import { dialSession } from './session.ts'

export const dial = dialSession('message')
