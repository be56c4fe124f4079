import type { CodecContext } from '../../dialect.ts'
import type { QueuedPart } from '../../framing/part-queue.ts'
import type { Annotation, ContentPart, ReasoningPart, ToolCallPart } from '../../ir/chat.ts'
import { encodeCitation } from './citation.ts'
import { encodeAnswerBlocks } from './encode-result.ts'
import { isString, kept, type WireObject } from './wire.ts'

/** Writes one part as blocks, mostly as one; its place in the queue decides when they go out. */
export interface BlockWriter {
  text?(text: string): void
  input?(input: string): void
  citation?(annotation: Annotation): void
  seal?(signature: string | undefined, encrypted: string | undefined): void
  end(): void
}

export function createBlockWriter(
  part: ContentPart,
  place: QueuedPart,
  context: CodecContext,
  path: string,
): BlockWriter {
  switch (part.type) {
    case 'text': {
      const { annotations = [], text, ...bare } = part
      return writeText({ ...bare, text: '' }, text, annotations, place, context, path)
    }
    case 'reasoning':
      return new ReasoningWriter(part, place, context, path)
    case 'tool-call':
      return writeCall(part, place, context, path)
    default: {
      for (const block of encodeAnswerBlocks(part, context, path)) writeWhole(block, place)
      return { end: () => undefined }
    }
  }
}

function writeWhole(block: WireObject, place: QueuedPart): void {
  place.start(JSON.stringify(block))
  place.stop()
}

function writeText(
  part: ContentPart,
  text: string,
  annotations: readonly Annotation[],
  place: QueuedPart,
  context: CodecContext,
  path: string,
): BlockWriter {
  const [block] = encodeAnswerBlocks(part, context, path)
  place.start(JSON.stringify(block))
  const writer = {
    text: (more: string) => place.delta(`{"type":"text_delta","text":${JSON.stringify(more)}}`),
    citation(annotation: Annotation) {
      const citation = encodeCitation(annotation, context, `${path}.annotations`)
      if (citation !== undefined) place.delta(JSON.stringify({ type: 'citations_delta', citation }))
    },
    end: () => place.stop(),
  }
  if (text !== '') writer.text(text)
  for (const annotation of annotations) writer.citation(annotation)
  return writer
}

/** The free text of a custom tool is the string `input` of an object. */
function writeCall(part: ToolCallPart, place: QueuedPart, context: CodecContext, path: string): BlockWriter {
  const { input, ...call } = part
  const rest = kept(call.extensions, context, path)
  place.start(JSON.stringify({ type: 'tool_use', ...rest, id: call.id, name: call.name, input: {} }))
  const delta = (json: string): void =>
    place.delta(`{"type":"input_json_delta","partial_json":${JSON.stringify(json)}}`)
  const custom = call.kind === 'custom'
  if (custom) delta('{"input":"')
  const writer = {
    input(more: string) {
      if (more !== '') delta(custom ? JSON.stringify(more).slice(1, -1) : more)
    },
    end() {
      if (custom) delta('"}')
      place.stop()
    },
  }
  writer.input(input)
  return writer
}

/**
 * What kind of block reasoning is shows with its text: reasoning that only its provider can read has none. Its
 * signature goes last. What is both is two blocks.
 */
class ReasoningWriter implements BlockWriter {
  readonly #place: QueuedPart
  readonly #context: CodecContext
  readonly #path: string
  readonly #part: ReasoningPart
  #signature: string | undefined
  #encrypted: string | undefined
  #started = false

  constructor(part: ReasoningPart, place: QueuedPart, context: CodecContext, path: string) {
    this.#place = place
    this.#context = context
    this.#path = path
    const { text, signature, encrypted, ...bare } = part
    this.#part = { ...bare, text: '' }
    this.#signature = signature
    this.#encrypted = encrypted
    if (text !== '') this.text(text)
  }

  text(text: string): void {
    this.#start()
    this.#place.delta(`{"type":"thinking_delta","thinking":${JSON.stringify(text)}}`)
  }

  seal(signature: string | undefined, encrypted: string | undefined): void {
    this.#signature = signature ?? this.#signature
    this.#encrypted = encrypted ?? this.#encrypted
  }

  end(): void {
    const encrypted = this.#encrypted
    if (encrypted === undefined || isString(this.#signature)) this.#start()
    if (this.#started) {
      const signature = JSON.stringify(this.#signature ?? '')
      if (this.#signature !== undefined) this.#place.delta(`{"type":"signature_delta","signature":${signature}}`)
      this.#place.stop()
    }
    if (encrypted === undefined) return
    for (const block of encodeAnswerBlocks({ ...this.#part, encrypted }, this.#context, this.#path))
      writeWhole(block, this.#place)
  }

  #start(): void {
    if (this.#started) return
    this.#started = true
    const [block] = encodeAnswerBlocks(this.#part, this.#context, this.#path)
    this.#place.start(JSON.stringify(block))
  }
}
