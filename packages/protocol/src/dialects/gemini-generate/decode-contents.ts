import type { ChatMessage, ContentPart } from '../../ir/chat.ts'
import { decodePart } from './part.ts'
import { invalid, isArray, isFilled, isRecord, isString, keep, nest, WireFields, type WireObject } from './wire.ts'

/**
 * Reads `contents`. A turn's function responses become messages of their own, by the ids of the calls they answer:
 * where the wire names none, those of the first calls of that name that wait for one.
 */
export function decodeContents(wires: readonly unknown[]): ChatMessage[] {
  const reader = new ContentsReader()
  for (const [index, wire] of wires.entries()) reader.read(wire, index)
  return reader.messages
}

class ContentsReader {
  readonly messages: ChatMessage[] = []
  readonly #waiting: { readonly id: string; readonly name: string }[] = []
  #responses = 0

  read(wire: unknown, index: number): void {
    const path = `contents[${index}]`
    if (isString(wire)) {
      this.messages.push({ role: 'user', content: wire })
      return
    }
    if (!isRecord(wire)) throw invalid(path, 'must be an object with `parts`')
    const { role } = wire
    if (role !== undefined && role !== 'user' && role !== 'model' && role !== 'function') {
      throw invalid(`${path}.role`, 'must be user or model')
    }
    const fields = new WireFields(wire)
    fields.skip('role')
    fields.skip('parts')
    const form = role === undefined ? { role: null } : role === 'function' ? { role } : undefined
    const rest = fields.rest()
    if (wire['parts'] === undefined) {
      this.messages.push({ role: role === 'model' ? 'assistant' : 'user', ...keep(rest, form ?? { bare: true }) })
      return
    }
    const parts = readParts(wire['parts'], path)
    if (role === 'model') this.#readModel(parts, index, rest)
    else this.#readUser(parts, index, rest, form)
  }

  #readModel(parts: readonly WireObject[], index: number, rest: WireObject | undefined): void {
    const content = parts.map((part, at) => decodePart(part, `call_${index}_${at}`))
    for (const part of content) if (part.type === 'tool-call') this.#waiting.push(part)
    this.messages.push({ role: 'assistant', content: shortest(content), ...keep(rest, emptyForm(content)) })
  }

  #readUser(
    parts: readonly WireObject[],
    index: number,
    rest: WireObject | undefined,
    form: WireObject | undefined,
  ): void {
    let run: ContentPart[] | undefined
    let joined = false
    // What belongs to the turn stands with its first message; the others are joined to it.
    const first = (): { rest: WireObject | undefined; form: WireObject | undefined } => {
      const own = joined ? { rest: undefined, form: { joined: true } } : { rest, form }
      joined = true
      return own
    }
    const close = (): void => {
      if (run === undefined) return
      const own = first()
      this.messages.push({ role: 'user', content: shortest(run), ...keep(own.rest, own.form ?? emptyForm(run)) })
      run = undefined
    }
    for (const [at, part] of parts.entries()) {
      const response = part['functionResponse']
      if (!isRecord(response) || !isString(response['name'])) {
        ;(run ??= []).push(decodePart(part, `call_${index}_${at}`))
        continue
      }
      close()
      const own = first()
      this.messages.push(this.#readResponse(part, response, own.rest, own.form))
    }
    if (parts.length === 0) run = []
    close()
  }

  #readResponse(
    part: WireObject,
    wire: WireObject,
    turn: WireObject | undefined,
    form: WireObject | undefined,
  ): ChatMessage {
    const outer = new WireFields(part)
    outer.skip('functionResponse')
    const fields = new WireFields(wire)
    const name = fields.take('name', isString) ?? ''
    const id = fields.take('id', isFilled)
    const { text, wrapped } = readText(fields)
    const media = fields.take('parts', isArray)?.filter(isRecord) ?? []
    const parts = media.map((item) => decodePart(item, ''))
    const own = nest(nest(outer.rest(), 'functionResponse', fields.rest()), 'turn', turn)
    return {
      role: 'tool',
      content: parts.length === 0 ? text : [{ type: 'text', text }, ...parts],
      name,
      toolCallId: id ?? this.#answered(name) ?? `response_${this.#responses++}`,
      ...(wrapped === 'error' && { isError: true }),
      ...keep(own, { ...form, id: id !== undefined, wrapped, parts: 'parts' in wire }),
    }
  }

  /** The first call of the name that waits, which then waits no more. */
  #answered(name: string): string | undefined {
    const at = this.#waiting.findIndex((call) => call.name === name)
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0]?.id
  }
}

function readParts(parts: unknown, path: string): readonly WireObject[] {
  const list = isArray(parts) ? parts : [parts]
  return list.map((part, at) => {
    if (isString(part)) return { text: part }
    if (!isRecord(part)) throw invalid(`${path}.parts[${at}]`, 'must be an object')
    return part
  })
}

/** One plain text is a string. */
function shortest(parts: readonly ContentPart[]): string | readonly ContentPart[] {
  const [only] = parts
  return parts.length === 1 && only?.type === 'text' && only.text !== '' && only.extensions === undefined
    ? only.text
    : parts
}

const emptyForm = (parts: readonly ContentPart[]): WireObject | undefined =>
  parts.length === 0 ? { empty: true } : undefined

const wrappers = ['output', 'result', 'error'] as const

/** A text that stands alone under one of the usual names; any other response as JSON. */
function readText(fields: WireFields): { text: string; wrapped: string | null } {
  const response = fields.take('response', isRecord)
  if (response === undefined) return { text: '', wrapped: null }
  const [name, ...others] = Object.keys(response)
  const wrapper = others.length === 0 ? wrappers.find((candidate) => candidate === name) : undefined
  const text = wrapper === undefined ? undefined : response[wrapper]
  return wrapper !== undefined && isString(text)
    ? { text, wrapped: wrapper }
    : { text: JSON.stringify(response), wrapped: 'json' }
}
