import type { ChatDialect } from '../../dialect.ts'
import { decodeResult } from '../ollama-chat/decode-result.ts'
import { encodeResult } from '../ollama-chat/encode-result.ts'
import { ollamaChat } from '../ollama-chat/ollama-chat.ts'
import { asChatAnswer, asGenerateAnswer } from './generate-answer.ts'
import { decodeRequest, encodeRequest } from './generate-request.ts'
import { createStreamDecoder, createStreamEncoder } from './generate-stream.ts'

/**
 * Ollama's chat of one prompt. https://docs.ollama.com/api/generate
 * What a chat has no word for, such as `suffix`, `template` and `raw`, reaches only a provider that speaks this too.
 */
export const ollamaGenerate: ChatDialect = Object.freeze<ChatDialect>({
  ...ollamaChat,
  id: 'ollama-generate',
  operation: 'complete',
  outputLimits: { tokens: ['options.num_predict'] },
  standIn: true,
  path: () => '/api/generate',
  served: ['/api/generate'],
  request: { decode: decodeRequest, encode: encodeRequest },
  result: {
    decode: (wire) => decodeResult(asChatAnswer(wire)),
    encode: (result, context) => asGenerateAnswer(encodeResult(result, context), context),
  },
  stream: { contentType: ollamaChat.stream.contentType, decoder: createStreamDecoder, encoder: createStreamEncoder },
})
