import type { Dialect } from './dialect.ts'
import { relayedDialects } from './dialects/openai-operations/openai-operations.ts'
import { embedDialects } from './embed-dialects.ts'

/** Every dialect of an operation other than chat. */
export const operationDialects: readonly Dialect[] = [...embedDialects, ...relayedDialects]
