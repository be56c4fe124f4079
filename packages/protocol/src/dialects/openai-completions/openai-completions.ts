import type { ChatDialect, StreamDecoder } from '../../dialect.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { createStreamDecoder } from '../openai-chat/decode-stream.ts'
import { openaiErrors } from '../openai-chat/error.ts'
import { patchChatRequest, rewriteChatRequest } from '../openai-chat/patch.ts'
import { peekChatRequest } from '../openai-chat/peek.ts'
import { createResultTap } from '../openai-chat/tap-result.ts'
import { createStreamTap } from '../openai-chat/tap-stream.ts'
import { chatChoice } from './completion.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { decodeResult, encodeResult } from './result.ts'
import { dialectId } from './wire.ts'

/**
 * OpenAI's legacy completions: a text goes on. https://platform.openai.com/docs/api-reference/completions
 * In other wires it is a chat of one message; a chat that is more than that cannot be said in it.
 */
export const openaiCompletions: ChatDialect = Object.freeze<ChatDialect>({
  id: dialectId,
  operation: 'complete',
  outputLimits: { tokens: ['max_tokens'], choices: 'best_of' },
  standIn: true,
  path: () => '/completions',
  served: ['/completions'],
  peek: peekChatRequest,
  patch: patchChatRequest,
  rewrite: rewriteChatRequest,
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
  stream: {
    contentType: 'text/event-stream; charset=utf-8',
    decoder: decodeStream,
    encoder: createStreamEncoder,
  },
  error: openaiErrors,
  tap: { result: createResultTap, stream: createStreamTap },
})

/** A stream of chat completions but for its choices. */
function decodeStream(emit: (event: ChatEvent) => void): StreamDecoder {
  return createStreamDecoder(emit, undefined, (choice) => chatChoice(choice, 'delta'))
}
