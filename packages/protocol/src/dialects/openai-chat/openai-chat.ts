import type { ChatDialect } from '../../dialect.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResult } from './encode-result.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { openaiChatReader } from './openai-chat-reader.ts'

/** OpenAI's Chat Completions and all who speak it, as OpenAI's API reference has it. */
export const openaiChat: ChatDialect = Object.freeze<ChatDialect>({
  ...openaiChatReader,
  outputLimits: { tokens: ['max_completion_tokens', 'max_tokens'], choices: 'n' },
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { ...openaiChatReader.result, encode: encodeResult },
  stream: { ...openaiChatReader.stream, encoder: createStreamEncoder },
})
