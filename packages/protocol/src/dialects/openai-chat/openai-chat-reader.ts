import type { SpokenDialect } from '../../dialect.ts'
import { createReadingTap } from '../../tap/reading-tap.ts'
import { decodeError } from './decode-error.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { createResultReader } from './result-reader.ts'
import { dialectId } from './wire.ts'
import { patchWritten, peekWritten, rewriteWritten } from './written-request.ts'

/**
 * `openaiChat` for a client that writes its requests by `writeChatRequest` and reads the answers itself: they are read on
 * their way, and not relayed. A third as large.
 */
export const openaiChatReader: SpokenDialect = Object.freeze<SpokenDialect>({
  id: dialectId,
  operation: 'chat',
  path: () => '/chat/completions',
  peek: peekWritten,
  patch: patchWritten,
  rewrite: rewriteWritten,
  error: { decode: decodeError },
  tap: { result: createResultReader, stream: () => createReadingTap(createStreamDecoder) },
})
