import { describe, expect, test } from 'vitest'
import { joinBytes } from '../../bytes/join-bytes.ts'
import type { ChatDialect } from '../../dialect.ts'
import type { Warning } from '../../ir/extensions.ts'
import { translateResult, translateStream } from '../../translate/translation.ts'
import { openaiChat } from '../openai-chat/openai-chat.ts'
import { anthropicMessages } from './anthropic-messages.ts'

const encoder = new TextEncoder()

interface OpenaiAnswer {
  readonly choices: readonly { readonly message?: OpenaiSaid; readonly delta?: OpenaiSaid }[]
  readonly usage?: object
}

interface OpenaiSaid {
  readonly tool_calls?: readonly { readonly function: { readonly name?: string; readonly arguments: string } }[]
}

interface Translated {
  readonly text: string
  readonly warnings: readonly Warning[]
}

function translate(
  caller: ChatDialect,
  provider: ChatDialect,
  from: 'stream' | 'result',
  to: 'stream' | 'result',
  body: string,
): Translated {
  const warnings: Warning[] = []
  const context = { warn: (warning: Warning) => void warnings.push(warning) }
  const options = { caller, provider, stream: to === 'stream', usageRequested: true, context }
  const tap = from === 'stream' ? translateStream(options) : translateResult(options)
  const pieces = [tap.write(encoder.encode(body)), tap.end()].filter((piece) => piece !== undefined)
  expect(tap.error).toBeUndefined()
  expect(tap.complete).toBe(true)
  return { text: new TextDecoder().decode(joinBytes(pieces)), warnings }
}

const fromOpenai = (from: 'stream' | 'result', to: 'stream' | 'result', body: string): Translated =>
  translate(anthropicMessages, openaiChat, from, to, body)
const fromAnthropic = (from: 'stream' | 'result', to: 'stream' | 'result', body: string): Translated =>
  translate(openaiChat, anthropicMessages, from, to, body)

/** The data of Anthropic's events, checked against their names. */
function events(stream: string): Record<string, unknown>[] {
  return stream
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [, name, data] = /^event: (\S+)\ndata: (.*)$/.exec(block) ?? []
      const wire = JSON.parse(data ?? '') as Record<string, unknown>
      expect(wire['type']).toBe(name)
      return wire
    })
}

/** In few words: `start 0 text`, `0 "Hi"`, `stop 0`. */
function outline(stream: string): string[] {
  return events(stream).flatMap(({ type, index, content_block: block, delta }) => {
    const said = delta as Record<string, string> | undefined
    if (type === 'content_block_start') return [`start ${String(index)} ${(block as { type: string }).type}`]
    if (type === 'content_block_delta') {
      return [
        `${String(index)} ${JSON.stringify(said?.['text'] ?? said?.['thinking'] ?? said?.['partial_json'] ?? said?.['signature'])}`,
      ]
    }
    if (type === 'content_block_stop') return [`stop ${String(index)}`]
    return type === 'ping' ? [] : [String(type)]
  })
}

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'gpt-6', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
const call = (index: number, members: object): string => chunk({ tool_calls: [{ index, ...members }] })
const usage = `data: ${JSON.stringify({ id: 'c1', model: 'gpt-6', choices: [], usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120, prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 }, completion_tokens_details: { reasoning_tokens: 5 } } })}\n\n`
const done = 'data: [DONE]\n\n'

describe('from an OpenAI provider to an Anthropic client', () => {
  const stream =
    chunk({ role: 'assistant', content: '' }) +
    chunk({ reasoning_content: 'Hmm.' }) +
    chunk({ content: 'Let ' }) +
    chunk({ content: 'me.' }) +
    call(0, { id: 'call_a', type: 'function', function: { name: 'first', arguments: '' } }) +
    call(1, { id: 'call_b', type: 'function', function: { name: 'second', arguments: '{"b"' } }) +
    call(0, { function: { arguments: '{"a":' } }) +
    call(1, { function: { arguments: ':2}' } }) +
    call(0, { function: { arguments: '1}' } }) +
    chunk({}, 'tool_calls') +
    usage +
    done

  test('blocks open and close one after the other, and the usage comes before the end', () => {
    const { text } = fromOpenai('stream', 'stream', stream)
    expect(outline(text)).toEqual([
      'message_start',
      'start 0 thinking',
      '0 "Hmm."',
      'stop 0',
      'start 1 text',
      '1 "Let "',
      '1 "me."',
      'stop 1',
      'start 2 tool_use',
      '2 "{\\"a\\":"',
      '2 "1}"',
      'stop 2',
      'start 3 tool_use',
      '3 "{\\"b\\""',
      '3 ":2}"',
      'stop 3',
      'message_delta',
      'message_stop',
    ])
    expect(events(text).at(-2)).toEqual({
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: {
        input_tokens: 30,
        cache_creation_input_tokens: 10,
        cache_read_input_tokens: 60,
        output_tokens: 20,
        output_tokens_details: { thinking_tokens: 5 },
      },
    })
  })

  test('arguments that come in one piece with their name are not lost', () => {
    const whole =
      call(0, { id: 'call_a', type: 'function', function: { name: 'f', arguments: '{"city":"Paris"}' } }) +
      chunk({}, 'tool_calls') +
      done
    const { text } = fromOpenai('stream', 'stream', whole)
    expect(outline(text)).toContain(`0 ${JSON.stringify('{"city":"Paris"}')}`)
    expect(JSON.parse(fromOpenai('stream', 'result', whole).text)).toMatchObject({
      content: [{ type: 'tool_use', id: 'call_a', name: 'f', input: { city: 'Paris' } }],
      stop_reason: 'tool_use',
    })
  })

  test('an answer is a message', () => {
    const body = {
      id: 'c1',
      object: 'chat.completion',
      created: 1,
      model: 'gpt-6',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'length' }],
      usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
    }
    const { text } = fromOpenai('result', 'result', JSON.stringify(body))
    expect(JSON.parse(text)).toEqual({
      id: 'c1',
      type: 'message',
      role: 'assistant',
      model: 'gpt-6',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'max_tokens',
      stop_sequence: null,
      usage: { input_tokens: 3, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
    })
    expect(outline(fromOpenai('result', 'stream', JSON.stringify(body)).text)).toEqual([
      'message_start',
      'start 0 text',
      '0 "Hi"',
      'stop 0',
      'message_delta',
      'message_stop',
    ])
  })

  test('a refusal is one', () => {
    const refused = chunk({ refusal: 'No ' }) + chunk({ refusal: 'way.' }) + chunk({}, 'stop') + done
    const expected = {
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: null, explanation: 'No way.' },
    }
    const streamed = events(fromOpenai('stream', 'stream', refused).text)
    expect(streamed.at(-2)).toMatchObject({ delta: expected })
    expect(JSON.parse(fromOpenai('stream', 'result', refused).text)).toMatchObject({ content: [], ...expected })
  })

  test('the input of a custom tool is JSON', () => {
    const custom =
      call(0, { id: 'call_a', type: 'custom', custom: { name: 'sql', input: 'select "' } }) +
      call(0, { custom: { input: 'x"\n😀' } }) +
      chunk({}, 'tool_calls') +
      done
    const json = events(fromOpenai('stream', 'stream', custom).text)
      .map(({ delta }) => (delta as { partial_json?: string } | undefined)?.partial_json ?? '')
      .join('')
    expect(JSON.parse(json)).toEqual({ input: 'select "x"\n😀' })
  })

  test('signed and sealed reasoning are blocks of their own', () => {
    const details = (entry: object): string => chunk({ reasoning_details: [entry] })
    const sealed =
      details({ type: 'reasoning.text', index: 0, text: 'Hm' }) +
      details({ type: 'reasoning.text', index: 0, signature: 'EqQ' }) +
      details({ type: 'reasoning.encrypted', index: 1, data: 'xyz' }) +
      chunk({ content: 'Hi' }) +
      chunk({}, 'stop') +
      done
    expect(outline(fromOpenai('stream', 'stream', sealed).text)).toEqual([
      'message_start',
      'start 0 thinking',
      '0 "Hm"',
      '0 "EqQ"',
      'stop 0',
      'start 1 redacted_thinking',
      'stop 1',
      'start 2 text',
      '2 "Hi"',
      'stop 2',
      'message_delta',
      'message_stop',
    ])
  })
})

describe('from an Anthropic provider to an OpenAI client', () => {
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5-5',
    content: [
      { type: 'thinking', thinking: 'Hmm.', signature: 'EqQ' },
      {
        type: 'text',
        text: 'Gates.',
        citations: [
          {
            type: 'web_search_result_location',
            url: 'https://example.com',
            title: 'E',
            cited_text: 'x',
            encrypted_index: 'y',
          },
        ],
      },
      { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } },
      { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    stop_details: null,
    container: null,
    usage: {
      input_tokens: 10,
      cache_creation_input_tokens: 30,
      cache_read_input_tokens: 60,
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 2 },
    },
  }

  test.each(['result', 'stream'] as const)(
    'an answer has reasoning, text, citations, calls and all tokens, as a %s',
    (to) => {
      const { text, warnings } = fromAnthropic('result', to, JSON.stringify(message))
      const answers = to === 'result' ? [text] : text.split('\n\n').map((line) => line.slice('data: '.length))
      const wires = answers.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as OpenaiAnswer)
      const calls = wires.flatMap(({ choices: [choice] }) => (choice?.message ?? choice?.delta)?.tool_calls ?? [])
      expect(calls.map((part) => part.function.name).filter((name) => name !== undefined)).toEqual(['f', 'g'])
      expect(calls.map((part) => part.function.arguments).join('')).toBe('{"a":1}{}')
      expect(text).toContain('"reasoning_content":"Hmm."')
      expect(text).toContain('"signature":"EqQ"')
      expect(text).toContain('"url":"https://example.com"')
      expect(text).toContain('"finish_reason":"tool_calls"')
      expect(wires.at(-1)?.usage).toMatchObject({
        prompt_tokens: 100,
        completion_tokens: 7,
        total_tokens: 107,
        prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
        completion_tokens_details: { reasoning_tokens: 2 },
      })
      expect(warnings.map(({ path }) => path).filter((path) => !path.startsWith('annotations'))).toEqual([])
    },
  )

  test('a refusal is explained', () => {
    const refused = {
      ...message,
      content: [],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: 'cyber', explanation: 'No.' },
    }
    expect(JSON.parse(fromAnthropic('result', 'result', JSON.stringify(refused)).text)).toMatchObject({
      choices: [{ message: { content: null, refusal: 'No.' }, finish_reason: 'content_filter' }],
    })
  })
})
