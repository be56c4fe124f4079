import { chatDialects } from './chat-dialects.ts'
import { completionDialects } from './completion-dialects.ts'
import { countTokensDialects } from './count-tokens-dialects.ts'
import type { TranslatableDialect } from './dialect.ts'
import { embedDialects } from './embed-dialects.ts'
import { moderateDialects } from './moderate-dialects.ts'
import { rerankDialects } from './rerank-dialects.ts'

/** Every dialect that can be said in others of its operation. */
export const translatableDialects: readonly TranslatableDialect[] = [
  ...chatDialects,
  ...completionDialects,
  ...countTokensDialects,
  ...embedDialects,
  ...rerankDialects,
  ...moderateDialects,
]
