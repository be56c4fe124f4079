import type { CodecContext } from '../../dialect.ts'
import type { ContentPart, ReasoningPart } from '../../ir/chat.ts'
import { isPlan } from './assistant-message.ts'
import { encodePart } from './content-part.ts'
import { frame } from './frame.ts'
import { encodeToolCall } from './tool-call.ts'
import { change, formOf } from './wire.ts'

/** Writes one part as events. Text that is no part's is left out. */
export interface PartWriter {
  add(text: string): void
  seal?(signature: string | undefined, encrypted: string | undefined): void
  end(): void
}

/** Numbers the content blocks and the calls of an answer, each from zero. */
export interface Counters {
  content: number
  calls: number
}

export function createPartWriter(
  part: ContentPart,
  write: (text: string) => void,
  counters: Counters,
  context: CodecContext,
  path: string,
): PartWriter {
  switch (part.type) {
    case 'text':
      return isPlan(part) ? writePlan(part.text, write) : writeText(part, write, counters, context, path)
    case 'refusal':
      return writeText(part, write, counters, context, path)
    case 'reasoning':
      return new ReasoningWriter(part, write, counters, context, path)
    case 'tool-call':
      return writeCall(part, write, counters, context, path)
    default: {
      const wire = encodePart(part, context, path)
      if (wire === undefined) return silent
      const call = formOf(part.extensions)?.['call'] === true
      const index = call ? counters.calls++ : counters.content++
      const [name, member] = call ? (['tool-call', 'tool_calls'] as const) : (['content', 'content'] as const)
      write(frame(`${name}-start`, `"index":${index},"delta":{"message":{"${member}":${JSON.stringify(wire)}}}`))
      write(frame(`${name}-end`, `"index":${index}`))
      return silent
    }
  }
}

const silent: PartWriter = { add: () => undefined, end: () => undefined }

function writePlan(text: string, write: (text: string) => void): PartWriter {
  const add = (more: string): void =>
    write(frame('tool-plan-delta', `"delta":{"message":{"tool_plan":${JSON.stringify(more)}}}`))
  if (text !== '') add(text)
  return { add, end: () => undefined }
}

function writeText(
  part: ContentPart & { type: 'text' | 'refusal' },
  write: (text: string) => void,
  counters: Counters,
  context: CodecContext,
  path: string,
): PartWriter {
  const index = counters.content++
  const wire = JSON.stringify(encodePart({ ...part, text: '' }, context, path))
  write(frame('content-start', `"index":${index},"delta":{"message":{"content":${wire}}}`))
  const add = (text: string): void => write(textDelta(index, 'text', text))
  if (part.text !== '') add(part.text)
  return { add, end: () => write(frame('content-end', `"index":${index}`)) }
}

function textDelta(index: number, member: 'text' | 'thinking', text: string): string {
  return frame(
    'content-delta',
    `"index":${index},"delta":{"message":{"content":{"${member}":${JSON.stringify(text)}}}}`,
  )
}

/** The free text of a custom tool is the string `input` of an object. */
function writeCall(
  part: ContentPart & { type: 'tool-call' },
  write: (text: string) => void,
  counters: Counters,
  context: CodecContext,
  path: string,
): PartWriter {
  const index = counters.calls++
  const call = {
    ...encodeToolCall({ ...part, input: '' }, context, path),
    function: { name: part.name, arguments: '' },
  }
  write(frame('tool-call-start', `"index":${index},"delta":{"message":{"tool_calls":${JSON.stringify(call)}}}`))
  const custom = part.kind === 'custom'
  let said = false
  const delta = (json: string): void => {
    said = true
    const text = JSON.stringify(json)
    write(
      frame(
        'tool-call-delta',
        `"index":${index},"delta":{"message":{"tool_calls":{"function":{"arguments":${text}}}}}`,
      ),
    )
  }
  if (custom) delta('{"input":"')
  const add = (more: string): void => {
    if (more !== '') delta(custom ? JSON.stringify(more).slice(1, -1) : more)
  }
  add(part.input)
  return {
    add,
    end() {
      if (custom) delta('"}')
      else if (!said) delta('{}')
      write(frame('tool-call-end', `"index":${index}`))
    },
  }
}

/** Reasoning that only its provider can read has no text, which shows at its end only. */
class ReasoningWriter implements PartWriter {
  readonly #part: ReasoningPart
  readonly #write: (text: string) => void
  readonly #counters: Counters
  readonly #context: CodecContext
  readonly #path: string
  #index: number | undefined
  #signature: string | undefined
  #encrypted: string | undefined

  constructor(
    part: ReasoningPart,
    write: (text: string) => void,
    counters: Counters,
    context: CodecContext,
    path: string,
  ) {
    const { text, signature, encrypted, ...bare } = part
    this.#part = { ...bare, text: '' }
    this.#write = write
    this.#counters = counters
    this.#context = context
    this.#path = path
    this.#signature = signature
    this.#encrypted = encrypted
    if (text !== '') this.add(text)
  }

  add(text: string): void {
    this.#write(textDelta(this.#start(), 'thinking', text))
  }

  seal(signature: string | undefined, encrypted: string | undefined): void {
    this.#signature = signature ?? this.#signature
    this.#encrypted = encrypted ?? this.#encrypted
  }

  end(): void {
    const sealed = this.#signature !== undefined || this.#encrypted !== undefined
    if (sealed && this.#index === undefined) {
      encodePart({ ...this.#part, encrypted: '' }, this.#context, this.#path)
      return
    }
    if (sealed) change(this.#context, this.#path, 'Reasoning is told without its signature.')
    this.#write(frame('content-end', `"index":${this.#start()}`))
  }

  #start(): number {
    if (this.#index !== undefined) return this.#index
    const index = (this.#index = this.#counters.content++)
    const wire = JSON.stringify(encodePart(this.#part, this.#context, this.#path))
    this.#write(frame('content-start', `"index":${index},"delta":{"message":{"content":${wire}}}`))
    return index
  }
}
