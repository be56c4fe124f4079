import type { ChatReader } from '@sluice/protocol'
import type { CallEngine, CallOptions } from './call-engine.ts'
import type { ChatAnswer } from './chat-answer.ts'
import { callChat, streamChat } from './chat-engine.ts'
import { type ChatInput, encodeChatInput } from './chat-input.ts'
import { type ChatStream, createChatStream } from './chat-stream.ts'

/** Chats, whole or as a stream. What is asked fails with a `SluiceError`. */
export interface ChatClient {
  /** Asks and waits for the whole answer: `await client.chat('Hello')`. */
  chat(input: ChatInput, options?: CallOptions): Promise<ChatAnswer>
  /** Asks and answers piece by piece: `for await (const text of client.stream('Hello').textStream)`. */
  stream(input: ChatInput, options?: CallOptions): ChatStream
}

/** @param dialect OpenAI's for chat, which inputs are written in. */
export function createChatClient(calls: CallEngine, dialect: ChatReader): ChatClient {
  return {
    chat: (input, options = {}) => callChat(calls, dialect, () => encodeChatInput(input, false), options),
    stream: (input, options = {}) => createChatStream(streamChat(calls, dialect, input, options)),
  }
}
