export type { ClientFrame, Cursor, ServerFrame } from './frames.ts'
