import type { CodecContext, StreamDecoder, StreamEncodeContext, StreamEncoder } from '../../dialect.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { parseJson } from '../../json/parse-json.ts'
import { createStreamDecoder as createChatDecoder } from '../ollama-chat/decode-stream.ts'
import { createStreamEncoder as createChatEncoder } from '../ollama-chat/encode-stream.ts'
import { isRecord } from '../ollama-chat/wire.ts'
import { asChatAnswer, asGenerateAnswer } from './generate-answer.ts'

const encoder = new TextEncoder()

/** Reads the lines of a streamed answer of `/api/generate`. */
export function createStreamDecoder(emit: (event: ChatEvent) => void): StreamDecoder {
  const chat = createChatDecoder(emit)
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  /** Of a line that is not whole yet. Pieces, so that byte-by-byte arrival stays linear. */
  let pieces: string[] = []

  function take(text: string): void {
    const lines = text.split('\n')
    const last = lines.pop() ?? ''
    for (const line of lines) {
      pieces.push(line)
      chat.write(encoder.encode(`${translated(pieces.join(''))}\n`))
      pieces = []
    }
    if (last !== '') pieces.push(last)
  }

  return {
    write: (chunk) => take(decoder.decode(chunk, { stream: true })),
    end() {
      take(decoder.decode())
      if (pieces.length > 0) chat.write(encoder.encode(translated(pieces.join(''))))
      chat.end()
    },
  }
}

/** What is no JSON is left to be refused as any other. */
function translated(line: string): string {
  const wire = parseJson(line)
  return wire === undefined ? line : JSON.stringify(asChatAnswer(wire))
}

export function createStreamEncoder(
  emit: (text: string) => void,
  context: StreamEncodeContext,
): StreamEncoder<ChatEvent> {
  return createChatEncoder((line) => emit(generateLine(line, context)), context)
}

function generateLine(line: string, context: CodecContext): string {
  const wire = parseJson(line)
  return isRecord(wire) ? `${JSON.stringify(asGenerateAnswer(wire, context))}\n` : line
}
