import type { CodecContext } from '../../dialect.ts'
import type { Annotation, ContentPart, ReasoningPart, ToolCallPart } from '../../ir/chat.ts'
import { encodeCitation } from './citation.ts'
import { encodeAnswerBlocks } from './encode-result.ts'
import { isString, kept, type WireObject } from './wire.ts'

/** One content block in the making: its start and its deltas, as JSON text. */
export interface BlockSink {
  start(block: string): void
  delta(delta: string): void
  stop(): void
}

/** Writes one part as blocks, mostly as one; the sink decides when they go out. */
export interface BlockWriter {
  text?(text: string): void
  input?(input: string): void
  citation?(annotation: Annotation): void
  seal?(signature: string | undefined, encrypted: string | undefined): void
  end(): void
}

export function createBlockWriter(
  part: ContentPart,
  sink: BlockSink,
  context: CodecContext,
  path: string,
): BlockWriter {
  switch (part.type) {
    case 'text': {
      const { annotations = [], text, ...bare } = part
      return writeText({ ...bare, text: '' }, text, annotations, sink, context, path)
    }
    case 'reasoning':
      return new ReasoningWriter(part, sink, context, path)
    case 'tool-call':
      return writeCall(part, sink, context, path)
    default: {
      for (const block of encodeAnswerBlocks(part, context, path)) writeWhole(block, sink)
      return { end: () => undefined }
    }
  }
}

function writeWhole(block: WireObject, sink: BlockSink): void {
  sink.start(JSON.stringify(block))
  sink.stop()
}

function writeText(
  part: ContentPart,
  text: string,
  annotations: readonly Annotation[],
  sink: BlockSink,
  context: CodecContext,
  path: string,
): BlockWriter {
  const [block] = encodeAnswerBlocks(part, context, path)
  sink.start(JSON.stringify(block))
  const writer = {
    text: (more: string) => sink.delta(`{"type":"text_delta","text":${JSON.stringify(more)}}`),
    citation(annotation: Annotation) {
      const citation = encodeCitation(annotation, context, `${path}.annotations`)
      if (citation !== undefined) sink.delta(JSON.stringify({ type: 'citations_delta', citation }))
    },
    end: () => sink.stop(),
  }
  if (text !== '') writer.text(text)
  for (const annotation of annotations) writer.citation(annotation)
  return writer
}

/** The free text of a custom tool is the string `input` of an object. */
function writeCall(part: ToolCallPart, sink: BlockSink, context: CodecContext, path: string): BlockWriter {
  const { input, ...call } = part
  const rest = kept(call.extensions, context, path)
  sink.start(JSON.stringify({ type: 'tool_use', ...rest, id: call.id, name: call.name, input: {} }))
  const delta = (json: string): void => sink.delta(`{"type":"input_json_delta","partial_json":${JSON.stringify(json)}}`)
  const custom = call.kind === 'custom'
  if (custom) delta('{"input":"')
  const writer = {
    input(more: string) {
      if (more !== '') delta(custom ? JSON.stringify(more).slice(1, -1) : more)
    },
    end() {
      if (custom) delta('"}')
      sink.stop()
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
  readonly #sink: BlockSink
  readonly #context: CodecContext
  readonly #path: string
  readonly #part: ReasoningPart
  #signature: string | undefined
  #encrypted: string | undefined
  #started = false

  constructor(part: ReasoningPart, sink: BlockSink, context: CodecContext, path: string) {
    this.#sink = sink
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
    this.#sink.delta(`{"type":"thinking_delta","thinking":${JSON.stringify(text)}}`)
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
      if (this.#signature !== undefined) this.#sink.delta(`{"type":"signature_delta","signature":${signature}}`)
      this.#sink.stop()
    }
    if (encrypted === undefined) return
    for (const block of encodeAnswerBlocks({ ...this.#part, encrypted }, this.#context, this.#path))
      writeWhole(block, this.#sink)
  }

  #start(): void {
    if (this.#started) return
    this.#started = true
    const [block] = encodeAnswerBlocks(this.#part, this.#context, this.#path)
    this.#sink.start(JSON.stringify(block))
  }
}
