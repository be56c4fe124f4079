import type { CountTokensDialect, TranslatableDialect } from './dialect.ts'
import { jinaRerank } from './dialects/jina-rerank/jina-rerank.ts'
import { openaiChat } from './dialects/openai-chat/openai-chat.ts'
import { openaiCompletions } from './dialects/openai-completions/openai-completions.ts'
import { openaiEmbeddings } from './dialects/openai-embeddings/openai-embeddings.ts'
import { openaiModerations } from './dialects/openai-moderations/openai-moderations.ts'
import type { Operation } from './operation.ts'

/** What most providers are asked in. */
export const commonDialects: readonly TranslatableDialect[] = [
  openaiChat,
  openaiCompletions,
  openaiEmbeddings,
  jinaRerank,
  openaiModerations,
]

/** A dialect that is not there before it is wanted. */
export interface FurtherDialect {
  readonly operation: Operation
  load(): Promise<TranslatableDialect>
}

/**
 * What other providers are asked in, by the dialect's id. Most applications need none of them, and a few one. Missing is
 * what callers alone speak and no provider is asked in by translation: `loadInputTokens`.
 */
export const furtherDialects: ReadonlyMap<string, FurtherDialect> = new Map<string, FurtherDialect>(
  Object.entries({
    'openai-responses': {
      operation: 'chat',
      load: async () => (await import('./dialects/openai-responses/openai-responses.ts')).openaiResponses,
    },
    'anthropic-messages': {
      operation: 'chat',
      load: async () => (await import('./dialects/anthropic-messages/anthropic-messages.ts')).anthropicMessages,
    },
    'anthropic-count-tokens': {
      operation: 'count-tokens',
      load: async () =>
        (await import('./dialects/anthropic-count-tokens/anthropic-count-tokens.ts')).anthropicCountTokens,
    },
    'gemini-generate': {
      operation: 'chat',
      load: async () => (await import('./dialects/gemini-generate/gemini-generate.ts')).geminiGenerate,
    },
    'gemini-count-tokens': {
      operation: 'count-tokens',
      load: async () => (await import('./dialects/gemini-count-tokens/gemini-count-tokens.ts')).geminiCountTokens,
    },
    'gemini-batch-embed': {
      operation: 'embed',
      load: async () => (await import('./dialects/gemini-embed/gemini-embed.ts')).geminiBatchEmbed,
    },
    'gemini-embed': {
      operation: 'embed',
      load: async () => (await import('./dialects/gemini-embed/gemini-embed.ts')).geminiEmbed,
    },
    'bedrock-converse': {
      operation: 'chat',
      load: async () => (await import('./dialects/bedrock-converse/bedrock-converse.ts')).bedrockConverse,
    },
    'bedrock-titan-embed': {
      operation: 'embed',
      load: async () => (await import('./dialects/bedrock-embed/bedrock-titan-embed.ts')).bedrockTitanEmbed,
    },
    'bedrock-cohere-embed': {
      operation: 'embed',
      load: async () => (await import('./dialects/bedrock-embed/bedrock-cohere-embed.ts')).bedrockCohereEmbed,
    },
    'cohere-chat': {
      operation: 'chat',
      load: async () => (await import('./dialects/cohere-chat/cohere-chat.ts')).cohereChat,
    },
    'cohere-embed': {
      operation: 'embed',
      load: async () => (await import('./dialects/cohere-embed/cohere-embed.ts')).cohereEmbed,
    },
    'cohere-rerank': {
      operation: 'rerank',
      load: async () => (await import('./dialects/cohere-rerank/cohere-rerank.ts')).cohereRerank,
    },
    'ollama-chat': {
      operation: 'chat',
      load: async () => (await import('./dialects/ollama-chat/ollama-chat.ts')).ollamaChat,
    },
    'ollama-generate': {
      operation: 'complete',
      load: async () => (await import('./dialects/ollama-generate/ollama-generate.ts')).ollamaGenerate,
    },
    'ollama-embed': {
      operation: 'embed',
      load: async () => (await import('./dialects/ollama-embed/ollama-embed.ts')).ollamaEmbed,
    },
    'mistral-moderations': {
      operation: 'moderate',
      load: async () => (await import('./dialects/mistral-moderations/mistral-moderations.ts')).mistralModerations,
    },
  }),
)

/** What callers ask in how long a request is. */
export async function loadInputTokens(): Promise<CountTokensDialect> {
  return (await import('./dialects/openai-input-tokens/openai-input-tokens.ts')).openaiInputTokens
}
