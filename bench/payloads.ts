/** What travels: the same bytes for every contender. */

export const callerKey = 'sk-bench-caller'
export const path = '/v1/chat/completions'

const filler = 'The quick brown fox jumps over the lazy dog while the band plays on. '

/** A chat request of exactly `bytes` bytes. The model is named `lab/qwen`; gateways may know a provider `lab`. */
export function chatRequest(bytes: number, stream: boolean): string {
  const build = (content: string): string =>
    JSON.stringify({
      model: 'lab/qwen',
      messages: [
        { role: 'system', content: 'You answer briefly.' },
        { role: 'user', content },
      ],
      temperature: 0.2,
      max_tokens: 256,
      ...(stream ? { stream: true } : {}),
    })
  return build(text(bytes - build('').length))
}

/** A chat completion of exactly `bytes` bytes. Free of quotes and dollar signs that nginx would read. */
export function chatAnswer(bytes: number): string {
  const build = (content: string): string =>
    JSON.stringify({
      id: 'chatcmpl-bench',
      object: 'chat.completion',
      created: 1760000000,
      model: 'qwen',
      choices: [{ index: 0, message: { role: 'assistant', content }, logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 230, completion_tokens: 140, total_tokens: 370 },
    })
  return build(text(bytes - build('').length))
}

/**
 * The events of a streamed answer, `count` of them, each about `bytes` bytes; the last carries the end mark too, and
 * the usage when the request asked for it.
 */
export function chatEvents(count: number, bytes: number, usage: boolean): string[] {
  const event = (delta: object, finishReason: string | null): string =>
    `data: ${JSON.stringify({
      ...eventHead,
      choices: [{ index: 0, delta, finish_reason: finishReason }],
    })}\n\n`
  const length = Math.max(1, bytes - event({ content: '' }, null).length)
  const events = Array.from({ length: count }, () => event({ content: text(length) }, null))
  events[count - 1] =
    event({}, 'stop') +
    (usage ? `data: ${JSON.stringify({ ...eventHead, choices: [], usage: usageOfStream })}\n\n` : '') +
    'data: [DONE]\n\n'
  return events
}

/** An answer of Anthropic's with `count` events that carry text, each about `bytes` bytes. */
export function messageEvents(count: number, bytes: number): string[] {
  const event = (type: string, rest: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`
  const delta = (content: string): string =>
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: content } })
  const length = Math.max(1, bytes - delta('').length)
  const events = Array.from({ length: count }, () => delta(text(length)))
  const message = { id: 'msg_bench', type: 'message', role: 'assistant', model: 'qwen', content: [] }
  events[0] =
    event('message_start', {
      message: { ...message, stop_reason: null, usage: { input_tokens: 230, output_tokens: 1 } },
    }) +
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
    events[0]!
  events[count - 1] =
    events[count - 1]! +
    event('content_block_stop', { index: 0 }) +
    event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 99 } }) +
    event('message_stop', {})
  return events
}

const eventHead = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1760000000, model: 'qwen' }
const usageOfStream = { prompt_tokens: 230, completion_tokens: 99, total_tokens: 329 }

function text(length: number): string {
  return filler.repeat(Math.ceil(length / filler.length)).slice(0, length)
}
