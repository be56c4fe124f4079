import type { ChatReader } from '@sluice/protocol'
import { asJson, type CallEngine, type CallOptions, type RequestBody } from './call-engine.ts'
import type { ChatAnswer } from './chat-answer.ts'
import { callChat, streamChat } from './chat-engine.ts'
import { type ChatFields, chatFields, type ChatInput, type ChatInputRequest } from './chat-input.ts'
import { type ChatStream, createChatStream } from './chat-stream.ts'

/** Chats, whole or as a stream. What is asked fails with a `SluiceError`. */
export interface ChatClient {
  /** Asks and waits for the whole answer: `await client.chat('Hello')`. */
  chat(input: ChatInput, options?: CallOptions): Promise<ChatAnswer>
  /** Asks and answers piece by piece: `for await (const text of client.stream('Hello').textStream)`. */
  stream(input: ChatInput, options?: CallOptions): ChatStream
}

/** How a client says what it is asked. */
export interface ChatWriting {
  /** OpenAI's for chat, which inputs are written in. */
  readonly dialect: ChatReader
  /** Throws `SluiceError` `invalid_request` for what is no chat. */
  read(input: ChatInput): ChatInputRequest
  /** Throws what `JSON.stringify` throws. */
  write(fields: ChatFields): RequestBody
}

export function createChatClient(calls: CallEngine, { dialect, read, write }: ChatWriting): ChatClient {
  const asked = (input: ChatInput, stream: boolean) => () => asJson(() => write(chatFields(read(input), stream)))
  return {
    chat: (input, options = {}) => callChat(calls, dialect, asked(input, false), options),
    stream: (input, options = {}) => createChatStream(streamChat(calls, dialect, asked(input, true), options)),
  }
}
