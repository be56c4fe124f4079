import type { CountTokensDialect } from './dialect.ts'
import { anthropicCountTokens } from './dialects/anthropic-count-tokens/anthropic-count-tokens.ts'
import { geminiCountTokens } from './dialects/gemini-count-tokens/gemini-count-tokens.ts'
import { openaiInputTokens } from './dialects/openai-input-tokens/openai-input-tokens.ts'

/** Every dialect in which tokens are counted: a new one is its folder and its line here. */
export const countTokensDialects: readonly CountTokensDialect[] = [
  anthropicCountTokens,
  openaiInputTokens,
  geminiCountTokens,
]
