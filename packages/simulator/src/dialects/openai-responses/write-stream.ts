import type { StreamBody } from '../../answer.ts'
import type { Frame } from '../../framing.ts'
import { sse } from '../../framing.ts'
import type { Identity } from '../../identity.ts'
import { pieces } from '../../reply/fragments.ts'
import type { CompleteReply } from '../../reply/reply.ts'
import type { WireObject } from '../openai-chat/wire.ts'
import type { OpenaiResponsesAsk } from './read-request.ts'
import { closeResponse, type Content, type Item, openResponse, writeItems } from './write-answer.ts'

type Send = (type: string, members: WireObject) => void

/** https://platform.openai.com/docs/api-reference/responses-streaming */
export function writeStream(ask: OpenaiResponsesAsk, reply: CompleteReply, identity: Identity): StreamBody {
  const response = openResponse(ask, reply, identity)
  const items = writeItems(ask, reply, identity)
  const events: Frame[] = []
  const deltas: Frame[] = []
  let sequence = 0
  const frame = (type: string, members: WireObject): Frame =>
    sse.event(JSON.stringify({ type, sequence_number: sequence++, ...members }), type)
  const send: Send = (type, members) => {
    const sent = frame(type, members)
    events.push(sent)
    if (type.endsWith('.delta')) deltas.push(sent)
  }

  send('response.created', { response })
  send('response.in_progress', { response })
  items.forEach((item, index) => writeItem(item, index, send))
  const whole = closeResponse(response, items, reply)
  const end = frame(`response.${String(whole['status'])}`, { response: whole })
  return {
    kind: 'stream',
    framing: sse,
    events,
    deltas: deltas.length > 0 ? deltas : events.slice(-1),
    end,
    errorEvent: 'error',
  }
}

function writeItem(item: Item, index: number, send: Send): void {
  const at = { item_id: item.wire['id'], output_index: index }
  const opened = (members: WireObject): void =>
    send('response.output_item.added', { output_index: index, item: { ...item.wire, ...members } })
  if (item.kind === 'reasoning') {
    opened({ summary: [] })
    const place = { ...at, summary_index: 0 }
    const text = item.fragments.join('')
    send('response.reasoning_summary_part.added', { ...place, part: { type: 'summary_text', text: '' } })
    for (const delta of item.fragments) send('response.reasoning_summary_text.delta', { ...place, delta })
    send('response.reasoning_summary_text.done', { ...place, text })
    send('response.reasoning_summary_part.done', { ...place, part: { type: 'summary_text', text } })
  } else if (item.kind === 'message') {
    opened({ status: 'in_progress', content: [] })
    item.contents.forEach((content, place) => writeContent(content, { ...at, content_index: place }, send))
  } else {
    const custom = item.call.kind === 'custom'
    const member = custom ? 'input' : 'arguments'
    const name = custom ? 'response.custom_tool_call_input' : 'response.function_call_arguments'
    opened({ status: 'in_progress', [member]: '' })
    for (const delta of pieces(item.call.input, fragmentSize)) send(`${name}.delta`, { ...at, delta })
    send(`${name}.done`, { ...at, ...(custom ? {} : { name: item.call.name }), [member]: item.call.input })
  }
  send('response.output_item.done', { output_index: index, item: item.wire })
}

/** Characters of a tool call's input in one event. */
const fragmentSize = 12

function writeContent(content: Content, place: WireObject, send: Send): void {
  const { fragments, logprobs, wire } = content
  if (content.type === 'output_text') {
    send('response.content_part.added', { ...place, part: { ...wire, text: '', logprobs: [] } })
    fragments.forEach((delta, index) =>
      send('response.output_text.delta', { ...place, delta, logprobs: logprobs.slice(index, index + 1) }),
    )
    send('response.output_text.done', { ...place, text: wire['text'], logprobs })
  } else {
    send('response.content_part.added', { ...place, part: { ...wire, refusal: '' } })
    for (const delta of fragments) send('response.refusal.delta', { ...place, delta })
    send('response.refusal.done', { ...place, refusal: wire['refusal'] })
  }
  send('response.content_part.done', { ...place, part: wire })
}
