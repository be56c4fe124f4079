import type { IncomingMessage } from 'node:http'
import { type Dialect, openaiChat } from '@sluice/protocol'
import { anthropicMessages, bedrockConverse, cohereChat, geminiGenerate, ollamaChat } from '@sluice/protocol/dialects'

/** By what a caller gives away whose client it is: how its paths begin, and headers that no other client sends. */
interface Marks {
  readonly dialect: Dialect
  readonly paths: readonly string[]
  readonly headers: readonly string[]
}

const known: readonly Marks[] = [
  {
    dialect: anthropicMessages,
    paths: ['/anthropic/', '/v1/messages', '/messages'],
    headers: ['anthropic-version'],
  },
  { dialect: geminiGenerate, paths: ['/gemini/', '/v1beta/', '/v1alpha/'], headers: ['x-goog-api-key'] },
  { dialect: cohereChat, paths: ['/cohere/', '/v2/'], headers: [] },
  // Ollama's clients call paths below /api/, where the gateway's own reports are too.
  { dialect: openaiChat, paths: ['/api/llm/', '/api/admin/'], headers: [] },
  { dialect: ollamaChat, paths: ['/ollama/', '/api/'], headers: [] },
  { dialect: bedrockConverse, paths: ['/bedrock/', '/model/'], headers: [] },
]

/** In whose words a caller is told of an error where no route says it: its path counts before its headers. */
export function errorDialect({ url = '/', headers }: IncomingMessage): Dialect {
  const marks =
    known.find(({ paths }) => paths.some((path) => url.startsWith(path))) ??
    known.find((candidate) => candidate.headers.some((name) => headers[name] !== undefined))
  return marks?.dialect ?? openaiChat
}
