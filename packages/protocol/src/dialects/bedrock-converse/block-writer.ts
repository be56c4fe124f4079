import type { CodecContext } from '../../dialect.ts'
import type { QueuedPart } from '../../framing/part-queue.ts'
import type { Annotation, ContentPart, ReasoningPart, TextPart, ToolCallPart } from '../../ir/chat.ts'
import { encodeCitation } from './citation.ts'
import { encodeBlocks, toolUseHead } from './content-block.ts'
import { encodeRedacted } from './redacted.ts'
import { inner, isArray, isRecord, kept, warnDropped, type WireObject } from './wire.ts'

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
    case 'text':
    case 'refusal':
      return new TextWriter(part, place, context, path)
    case 'reasoning':
      return new ReasoningWriter(part, place, context, path)
    case 'tool-call':
      return writeCall(part, place, context, path)
    default: {
      for (const block of encodeBlocks(part, context, path)) writeWhole(block, place, context, path)
      return { end: () => undefined }
    }
  }
}

/** A text's block has no start; an empty text is no block. */
class TextWriter implements BlockWriter {
  readonly #place: QueuedPart
  readonly #context: CodecContext
  readonly #path: string
  #said = false

  constructor(
    part: Pick<TextPart, 'text' | 'annotations' | 'extensions'>,
    place: QueuedPart,
    context: CodecContext,
    path: string,
  ) {
    this.#place = place
    this.#context = context
    this.#path = path
    kept(part.extensions, context, path)
    if (part.text !== '') this.text(part.text)
    for (const annotation of part.annotations ?? []) this.citation(annotation)
  }

  text(text: string): void {
    this.#said = true
    this.#place.delta(`{"text":${JSON.stringify(text)}}`)
  }

  citation(annotation: Annotation): void {
    const citation = encodeCitation(annotation, this.#context, `${this.#path}.annotations`)
    if (citation === undefined) return
    this.#said = true
    this.#place.delta(JSON.stringify({ citation }))
  }

  end(): void {
    if (this.#said) this.#place.stop()
  }
}

/** The free text of a custom tool is the string `input` of an object. */
function writeCall(part: ToolCallPart, place: QueuedPart, context: CodecContext, path: string): BlockWriter {
  place.start(JSON.stringify({ toolUse: toolUseHead(part, context, path) }))
  const custom = part.kind === 'custom'
  const delta = (json: string): void => place.delta(`{"toolUse":{"input":${JSON.stringify(json)}}}`)
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
  writer.input(part.input)
  return writer
}

/** Its signature goes last. What only its provider can read is a block of its own. */
class ReasoningWriter implements BlockWriter {
  readonly #place: QueuedPart
  #said = false
  #signature: string | undefined
  #encrypted: string | undefined

  constructor(part: ReasoningPart, place: QueuedPart, context: CodecContext, path: string) {
    this.#place = place
    kept(part.extensions, context, path)
    this.#signature = part.signature
    this.#encrypted = part.encrypted
    if (part.text !== '') this.text(part.text)
  }

  text(text: string): void {
    this.#said = true
    this.#delta('text', text)
  }

  seal(signature: string | undefined, encrypted: string | undefined): void {
    this.#signature = signature ?? this.#signature
    this.#encrypted = encrypted ?? this.#encrypted
  }

  end(): void {
    if (this.#signature !== undefined) this.#delta('signature', this.#signature)
    if (this.#said || this.#signature !== undefined) this.#place.stop()
    if (this.#encrypted === undefined) return
    this.#delta('redactedContent', encodeRedacted(this.#encrypted))
    this.#place.stop()
  }

  #delta(member: string, value: string): void {
    this.#place.delta(`{"reasoningContent":{"${member}":${JSON.stringify(value)}}}`)
  }
}

/** Images, and what tools of the provider's own say: the blocks that streams have words for. */
function writeWhole(block: WireObject, place: QueuedPart, context: CodecContext, path: string): void {
  const [kind = ''] = Object.keys(block)
  const { source, content, input, ...head } = inner(block, kind) ?? {}
  const pieces = piecesOf(kind, { source, content, input })
  if (pieces === undefined) {
    warnDropped(context, path, 'A part that streams have no event for')
    return
  }
  place.start(JSON.stringify({ [kind]: head }))
  for (const piece of pieces) place.delta(JSON.stringify({ [kind]: piece }))
  place.stop()
}

function piecesOf(kind: string, { source, content, input }: WireObject): readonly unknown[] | undefined {
  switch (kind) {
    case 'image':
      return isRecord(source) ? [{ source }] : []
    case 'toolResult':
      return isArray(content) ? content.map((piece) => [piece]) : []
    case 'toolUse':
      return [{ input: JSON.stringify(input ?? {}) }]
    default:
      return undefined
  }
}
