import { describe, expect, test } from 'vitest'
import { describeChatDialect } from '../../contracts/chat-dialect-contract.ts'
import type { ChatDialect } from '../../dialect.ts'
import type { Warning } from '../../ir/extensions.ts'
import { translateRequest, translateResult } from '../../translate/translation.ts'
import { anthropicMessages } from '../anthropic-messages/anthropic-messages.ts'
import { errorAnswers } from '../openai-chat/__fixtures__/error-answers.ts'
import { openaiChat } from '../openai-chat/openai-chat.ts'
import { requests } from './__fixtures__/requests.ts'
import { results } from './__fixtures__/results.ts'
import { failures, streams } from './__fixtures__/streams.ts'
import { openaiCompletions } from './openai-completions.ts'

describeChatDialect(openaiCompletions, { requests, results, streams, failures, errors: errorAnswers })

function translate(wire: object, from: ChatDialect, to: ChatDialect): { wire: unknown; warnings: readonly string[] } {
  const warnings: string[] = []
  const context = { warn: ({ code, path }: Warning) => void warnings.push(`${code} ${path}`) }
  return { wire: translateRequest(from.request.decode(wire, context), to, context), warnings }
}

describe('a prompt', () => {
  test('becomes the message of a user, with what a chat says in the same words', () => {
    const wire = { model: 'm', prompt: ['Once upon'], max_tokens: 16, n: 2, logprobs: 3, stop: ' time', min_p: 0.1 }
    expect(translate(wire, openaiCompletions, openaiChat)).toEqual({
      wire: {
        model: 'm',
        messages: [{ role: 'user', content: 'Once upon' }],
        max_completion_tokens: 16,
        n: 2,
        logprobs: true,
        top_logprobs: 3,
        stop: ' time',
        min_p: 0.1,
      },
      warnings: [],
    })
  })

  test('asks for usage in a stream', () => {
    const wire = { model: 'm', prompt: 'x', stream: true, stream_options: { include_usage: false } }
    expect(translate(wire, openaiCompletions, openaiChat)).toMatchObject({
      wire: { stream: true, stream_options: { include_usage: true } },
      warnings: [],
    })
  })

  test.each([[openaiChat], [anthropicMessages]])('says what no chat can be asked for', (to) => {
    const asked = { model: 'm', prompt: 'x', echo: true, best_of: 2, max_tokens: 5 }
    expect(translate(asked, openaiCompletions, to).warnings).toEqual(['field-dropped echo', 'field-dropped best_of'])
    const defaults = { model: 'm', prompt: 'x', echo: false, best_of: 1, suffix: '', max_tokens: 5 }
    expect(translate(defaults, openaiCompletions, to).warnings).toEqual([])
  })

  test.each([
    [{ prompt: ['a', 'b'] }, 'prompt', /one request for each prompt/],
    [{ prompt: [1, 2] }, 'prompt', /Send the text/],
    [{ prompt: [[1, 2]] }, 'prompt', /Send the text/],
    [{ prompt: null }, 'prompt', /must be a text/],
    [{ prompt: [] }, 'prompt', /must be a text/],
    [{}, 'prompt', /must be a text/],
    [{ prompt: 'x', suffix: 'y' }, 'suffix', /Leave `suffix` out/],
  ])('%j is refused, with a way out', (members, param, message) => {
    const read = (): unknown => translate({ model: 'm', ...members }, openaiCompletions, openaiChat)
    expect(read).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
    expect(read).toThrow(message)
  })
})

describe('a chat', () => {
  test('of one text is a prompt', () => {
    const wire = {
      model: 'm',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Once upon' }] }],
      max_completion_tokens: 16,
      logprobs: true,
      top_logprobs: 9,
      reasoning_effort: 'low',
    }
    expect(translate(wire, openaiChat, openaiCompletions)).toEqual({
      wire: { model: 'm', prompt: 'Once upon', max_tokens: 16, logprobs: 5 },
      warnings: ['field-dropped reasoning_effort', 'value-changed top_logprobs'],
    })
  })

  test.each([
    [
      [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
      [],
    ],
    [[{ role: 'assistant', content: 'Hello' }], []],
    [[{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }] }], []],
    [[{ role: 'user', content: 'Hello' }], [{ type: 'function', function: { name: 'look' } }]],
    [[], []],
  ])('%j with tools %j is refused, with a way out', (messages, tools) => {
    const write = (): unknown => translate({ model: 'm', messages, tools }, openaiChat, openaiCompletions)
    expect(write).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'messages' }))
    expect(write).toThrow(/one message of text only, or name a model/)
  })
})

test('what a chat answers besides text is left out with a warning', () => {
  const warnings: Warning[] = []
  const context = { warn: (warning: Warning) => void warnings.push(warning) }
  const tap = translateResult({
    caller: openaiCompletions,
    provider: openaiChat,
    stream: false,
    usageRequested: false,
    context,
  })
  const message = { role: 'assistant', content: 'Hi', refusal: null, reasoning_content: 'A greeting.', tool_calls: [] }
  const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }]
  const answer = { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices }
  tap.write(new TextEncoder().encode(JSON.stringify(answer)))
  expect(JSON.parse(new TextDecoder().decode(tap.end()))).toEqual({
    id: 'x',
    object: 'text_completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, text: 'Hi', logprobs: null, finish_reason: 'stop' }],
  })
  expect(warnings.map(({ path }) => path)).toEqual(['choices[0].reasoning_content'])
})
