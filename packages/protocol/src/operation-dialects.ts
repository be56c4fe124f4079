import { completionDialects } from './completion-dialects.ts'
import { countTokensDialects } from './count-tokens-dialects.ts'
import type { Dialect } from './dialect.ts'
import { relayedDialects } from './dialects/openai-operations/openai-operations.ts'
import { embedDialects } from './embed-dialects.ts'
import { moderateDialects } from './moderate-dialects.ts'
import { rerankDialects } from './rerank-dialects.ts'

/** Every dialect of an operation other than chat. */
export const operationDialects: readonly Dialect[] = [
  ...completionDialects,
  ...countTokensDialects,
  ...embedDialects,
  ...rerankDialects,
  ...moderateDialects,
  ...relayedDialects,
]
