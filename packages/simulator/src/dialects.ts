import type { Dialect } from './dialect.ts'
import { anthropicCountTokens, anthropicMessages } from './dialects/anthropic-messages/anthropic-messages.ts'
import { bedrockConverse } from './dialects/bedrock-converse/bedrock-converse.ts'
import { bedrockInvoke } from './dialects/bedrock-invoke/bedrock-invoke.ts'
import { cohereChat } from './dialects/cohere-chat/cohere-chat.ts'
import { cohereEmbed } from './dialects/cohere-embed/cohere-embed.ts'
import { cohereRerank } from './dialects/cohere-rerank/cohere-rerank.ts'
import { geminiEmbed } from './dialects/gemini-embed/gemini-embed.ts'
import { geminiCountTokens, geminiGenerate } from './dialects/gemini-generate/gemini-generate.ts'
import { ollamaChat, ollamaTags, ollamaVersion } from './dialects/ollama-chat/ollama-chat.ts'
import { ollamaEmbed } from './dialects/ollama-embed/ollama-embed.ts'
import { openaiBatches } from './dialects/openai-batches/openai-batches.ts'
import { openaiFiles } from './dialects/openai-batches/openai-files.ts'
import { openaiChat } from './dialects/openai-chat/openai-chat.ts'
import { openaiCompletions } from './dialects/openai-completions/openai-completions.ts'
import { openaiModels } from './dialects/openai-models/openai-models.ts'
import { openaiOperations } from './dialects/openai-operations/openai-operations.ts'
import { openaiInputTokens, openaiResponses } from './dialects/openai-responses/openai-responses.ts'

/** The first that matches a path answers it. */
export const dialects: readonly Dialect[] = [
  anthropicMessages,
  anthropicCountTokens,
  geminiGenerate,
  geminiCountTokens,
  bedrockConverse,
  cohereChat,
  ollamaChat,
  ollamaTags,
  ollamaVersion,
  openaiChat,
  openaiCompletions,
  openaiResponses,
  openaiInputTokens,
  geminiEmbed,
  cohereEmbed,
  cohereRerank,
  ollamaEmbed,
  bedrockInvoke,
  ...openaiOperations,
  openaiFiles,
  openaiBatches,
  openaiModels,
]
