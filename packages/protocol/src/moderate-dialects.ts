import type { ModerateDialect } from './dialect.ts'
import { mistralModerations } from './dialects/mistral-moderations/mistral-moderations.ts'
import { openaiModerations } from './dialects/openai-moderations/openai-moderations.ts'

/** Every dialect of moderation: a new one is its folder and its line here. */
export const moderateDialects: readonly ModerateDialect[] = [openaiModerations, mistralModerations]
