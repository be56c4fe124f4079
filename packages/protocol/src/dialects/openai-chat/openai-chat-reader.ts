import type { ChatReader } from '../../dialect.ts'
import { createReadingTap } from '../../tap/reading-tap.ts'
import { decodeError } from './decode-error.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { readResult } from './read-result.ts'
import { createResultReader } from './result-reader.ts'
import { dialectId } from './wire.ts'
import { patchWritten, peekWritten, rewriteWritten } from './written-request.ts'

/**
 * `openaiChat` for a client that writes its requests by `writeChatRequest` and reads the answers itself: they are read on
 * their way, and not relayed. A third as large.
 */
export const openaiChatReader: ChatReader = Object.freeze<ChatReader>({
  id: dialectId,
  operation: 'chat',
  path: () => '/chat/completions',
  peek: peekWritten,
  patch: patchWritten,
  rewrite: rewriteWritten,
  result: { decode: readResult },
  stream: { contentType: 'text/event-stream; charset=utf-8', decoder: createStreamDecoder },
  error: { decode: decodeError },
  tap: { result: createResultReader, stream: () => createReadingTap(createStreamDecoder) },
})
