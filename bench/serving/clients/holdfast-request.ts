import { dialSession } from './session.ts'

export const dial = dialSession('request')
