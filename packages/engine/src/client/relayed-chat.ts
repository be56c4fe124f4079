import type { ChatReader } from '@sluice/protocol'
import { parseJson } from './call-engine.ts'
import type { SpokenChat } from './chat-engine.ts'

/** Reads what a dialect relays. */
export function relayedChat(dialect: ChatReader): SpokenChat {
  return {
    dialect,
    decode: ({ body, context }) => dialect.result.decode(parseJson(body), context),
    decoder: (emit, context) => dialect.stream.decoder(emit, context),
  }
}
