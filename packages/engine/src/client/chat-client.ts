import { asJson, type CallEngine, type CallOptions, type RequestBody } from './call-engine.ts'
import type { ChatAnswer } from './chat-answer.ts'
import { callChat, type SpokenChat, streamChat } from './chat-engine.ts'
import { type ChatFields, chatFields, type ChatInput, type ChatInputRequest } from './chat-input.ts'
import { type ChatStream, createChatStream } from './chat-stream.ts'
import type { ChatStreamSource } from './chat-stream-source.ts'

/** Chats, whole or as a stream. What is asked fails with a `SluiceError`. */
export interface ChatClient {
  /** Asks and waits for the whole answer: `await client.chat('Hello')`. */
  chat(input: ChatInput, options?: CallOptions): Promise<ChatAnswer>
  /** Asks and answers piece by piece: `for await (const text of client.stream('Hello').textStream)`. */
  stream(input: ChatInput, options?: CallOptions): ChatStream
}

/** Asks and waits for the whole answer: what tools, structured output and content are made of. */
export type Ask = ChatClient['chat']

/** How a client says what it is asked: in OpenAI's dialect for chat, which inputs are written in. */
export interface ChatWriting extends SpokenChat {
  /** Throws `SluiceError` `invalid_request` for what is no chat. */
  read(input: ChatInput): ChatInputRequest
  /** Throws what `JSON.stringify` throws. */
  write(fields: ChatFields): RequestBody
}

export function createChatClient(calls: CallEngine, chat: ChatWriting): ChatClient {
  return {
    chat: (input, options = {}) => callChat(calls, chat, asked(chat, input, false), options),
    stream: (input, options = {}) => createChatStream(openChat(calls, chat, input, options)),
  }
}

/** A streamed chat that is not asked before it is started. */
export function openChat(
  calls: CallEngine,
  chat: ChatWriting,
  input: ChatInput,
  options: CallOptions,
): ChatStreamSource {
  return streamChat(calls, chat, asked(chat, input, true), options)
}

function asked(chat: ChatWriting, input: ChatInput, stream: boolean): () => RequestBody {
  return () => asJson(() => chat.write(chatFields(chat.read(input), stream)))
}
