import type { ChatDialect } from './dialect.ts'
import { ollamaGenerate } from './dialects/ollama-generate/ollama-generate.ts'
import { openaiCompletions } from './dialects/openai-completions/openai-completions.ts'

/** Every dialect that completes texts, which others do by a chat of one message. */
export const completionDialects: readonly ChatDialect[] = [openaiCompletions, ollamaGenerate]
