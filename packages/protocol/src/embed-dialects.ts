import type { EmbedDialect } from './dialect.ts'
import { bedrockCohereEmbed } from './dialects/bedrock-embed/bedrock-cohere-embed.ts'
import { bedrockTitanEmbed } from './dialects/bedrock-embed/bedrock-titan-embed.ts'
import { cohereEmbed } from './dialects/cohere-embed/cohere-embed.ts'
import { geminiBatchEmbed, geminiEmbed } from './dialects/gemini-embed/gemini-embed.ts'
import { ollamaEmbed } from './dialects/ollama-embed/ollama-embed.ts'
import { openaiEmbeddings } from './dialects/openai-embeddings/openai-embeddings.ts'

/** Every dialect of embeddings: a new one is its folder and its line here. */
export const embedDialects: readonly EmbedDialect[] = [
  openaiEmbeddings,
  geminiBatchEmbed,
  geminiEmbed,
  cohereEmbed,
  ollamaEmbed,
  bedrockTitanEmbed,
  bedrockCohereEmbed,
]
