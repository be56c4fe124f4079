import type { StreamEncodeContext, StreamEncoder } from '../../dialect.ts'

import type { ChatEvent } from '../../ir/chat-event.ts'
import type { Extensions } from '../../ir/extensions.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import type { WireObject } from '../../json/wire-object.ts'
import { encodeHead, encodeUsageMember, idsFrom, warnOfChoices } from './encode-result.ts'
import { encodeFailure } from './error.ts'
import { ItemWriter } from './item-writer.ts'
import { encodeStatus } from './status.ts'
import { formOf, kept } from './wire.ts'

/**
 * Writes the events of a streamed response: `response.created` and `in_progress`, those of each item, and the whole
 * response at the end. Usage is always told. A stream that failed ends with `error` and `response.failed`.
 */
export function createStreamEncoder(
  emit: (text: string) => void,
  context: StreamEncodeContext,
): StreamEncoder<ChatEvent> {
  return new ResponseStreamEncoder(emit, context)
}

interface Head {
  id: string
  model: string
  created?: number
  serviceTier?: string | null
}

class ResponseStreamEncoder implements StreamEncoder<ChatEvent> {
  readonly #emit: (text: string) => void
  readonly #context: StreamEncodeContext
  #sequence = 0
  #head: Head = { id: '', model: '' }
  #form: WireObject | undefined
  #choiceForm: WireObject | undefined
  #rest: WireObject | undefined
  #items: ItemWriter | undefined
  #finishReason: FinishReason | null = null
  #usage: Usage | undefined
  #warned = false

  constructor(emit: (text: string) => void, context: StreamEncodeContext) {
    this.#emit = emit
    this.#context = context
  }

  write(event: ChatEvent): void {
    switch (event.type) {
      case 'message-start':
        return this.#start(event)
      case 'message-extend':
        if (event.serviceTier !== undefined) this.#head.serviceTier = event.serviceTier
        return this.#extend(event)
      case 'usage':
        this.#usage = event.usage
        return
      case 'warning':
        return
      case 'error':
        this.#emit(encodeFailure(event.error, this.#sequence, { ...this.#response({}), output: this.#output() }))
        return
      case 'message-end':
        return this.#end()
      default:
        if (event.choice === 0) this.#writeChoice(event)
        else if (!this.#warned) {
          this.#warned = true
          warnOfChoices(this.#context)
        }
    }
  }

  #writeChoice(event: ChatEvent & { readonly choice: number }): void {
    const items = this.#items
    switch (event.type) {
      case 'part-start':
        return items?.start(event.part, event.content)
      case 'text-delta':
        return items?.grow(event.part, event.text)
      case 'tool-input-delta':
        return items?.grow(event.part, event.input)
      case 'annotation-add':
        return items?.annotate(event.part, event.annotation)
      case 'reasoning-seal':
        return items?.seal(event.part, event)
      case 'part-end':
        return items?.end(event.part)
      case 'logprobs-add':
        return items?.addTokens(event.content ?? [])
      case 'choice-extend':
        kept(event.extensions, this.#context, 'choices[0]')
        this.#choiceForm = formOf(event.extensions) ?? this.#choiceForm
        return
      case 'choice-finish':
        this.#finishReason = event.finishReason
    }
  }

  #start(event: ChatEvent & { type: 'message-start' }): void {
    const { id, model, created, serviceTier } = event
    this.#head = {
      id,
      model,
      ...(created !== undefined && { created }),
      ...(serviceTier !== undefined && { serviceTier }),
    }
    this.#extend(event)
    this.#items = new ItemWriter({
      send: (type, members) => this.#send(type, JSON.stringify(members).slice(1, -1)),
      sendText: (type, members) => this.#send(type, members),
      id: idsFrom(id),
      context: this.#context,
    })
    const response = this.#response({ status: 'in_progress' })
    for (const type of ['response.created', 'response.in_progress'])
      this.#send(type, JSON.stringify({ response }).slice(1, -1))
  }

  #extend({ extensions }: { readonly extensions?: Extensions }): void {
    const rest = kept(extensions, this.#context, '')
    if (rest !== undefined) this.#rest = { ...this.#rest, ...rest }
    this.#form = formOf(extensions) ?? this.#form
  }

  /** The response as it stands. */
  #response(end: WireObject): WireObject {
    return { ...encodeHead(this.#head, this.#form, this.#rest), output: [], ...end }
  }

  #output(): readonly WireObject[] {
    return this.#items?.output.filter((item) => item !== undefined) ?? []
  }

  #end(): void {
    this.#items?.close()
    const status = encodeStatus(this.#finishReason, this.#choiceForm)
    const response = {
      ...this.#response(status),
      output: this.#output(),
      ...encodeUsageMember(this.#usage, this.#form),
    }
    this.#send(terminalType(status['status']), JSON.stringify({ response }).slice(1, -1))
  }

  /** @param members of the event, as JSON text without braces. */
  #send(type: string, members: string): void {
    const data = `{"type":"${type}",${members},"sequence_number":${this.#sequence++}}`
    this.#emit(`event: ${type}\ndata: ${data}\n\n`)
  }
}

function terminalType(status: unknown): string {
  return status === 'incomplete' || status === 'failed' ? `response.${status}` : 'response.completed'
}
