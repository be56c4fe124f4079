import type { ChatDialect } from './dialect.ts'
import { anthropicMessages } from './dialects/anthropic-messages/anthropic-messages.ts'
import { bedrockConverse } from './dialects/bedrock-converse/bedrock-converse.ts'
import { cohereChat } from './dialects/cohere-chat/cohere-chat.ts'
import { geminiGenerate } from './dialects/gemini-generate/gemini-generate.ts'
import { ollamaChat } from './dialects/ollama-chat/ollama-chat.ts'
import { openaiChat } from './dialects/openai-chat/openai-chat.ts'
import { openaiResponses } from './dialects/openai-responses/openai-responses.ts'

/** Every chat dialect: a new one is its folder and its line here. */
export const chatDialects: readonly ChatDialect[] = [
  openaiChat,
  openaiResponses,
  anthropicMessages,
  geminiGenerate,
  bedrockConverse,
  cohereChat,
  ollamaChat,
]
