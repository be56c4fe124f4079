import { describe, expect, test } from 'vitest'
import type { ChatDialect, CodecContext } from '../dialect.ts'
import { anthropicMessages } from '../dialects/anthropic-messages/anthropic-messages.ts'
import { geminiGenerate } from '../dialects/gemini-generate/gemini-generate.ts'
import { openaiChat } from '../dialects/openai-chat/openai-chat.ts'
import { openaiResponses } from '../dialects/openai-responses/openai-responses.ts'
import type { ToolCallPart } from '../ir/chat.ts'
import { unfoldChatResult } from '../ir/unfold-chat-result.ts'
import type { ChatEvent } from '../ir/chat-event.ts'
import { translateRequest, translateResult, translateStream } from './translation.ts'

const context: CodecContext = { warn() {} }
const textEncoder = new TextEncoder()

interface Said {
  readonly tools: readonly { readonly name: string; readonly input_schema: unknown }[]
  readonly messages: readonly { readonly content: readonly { readonly name?: string; readonly input?: unknown }[] }[]
}

/** What a provider that speaks Anthropic's dialect is sent. */
function toAnthropic(caller: ChatDialect, wire: object): Said {
  return translateRequest(caller.request.decode({ model: 'm', ...wire }, context), anthropicMessages, context) as Said
}

/** The calls that a caller gets when the provider answers with one, as a whole and as a stream of single bytes. */
function callsBack(caller: ChatDialect, wire: object, call: ToolCallPart): readonly unknown[][] {
  const request = caller.request.decode({ model: 'm', ...wire }, context)
  const options = { caller, provider: anthropicMessages, request, stream: false, usageRequested: false, context }
  const result = {
    id: 'msg_1',
    model: 'm',
    choices: [{ index: 0, content: [{ type: 'text' as const, text: 'I look.' }, call], finishReason: null }],
  }
  const whole = translateResult(options)
  whole.write(textEncoder.encode(JSON.stringify(anthropicMessages.result.encode(result, context))))

  const streamed = translateStream(options)
  const events = anthropicMessages.stream.encoder(
    (bytes) => {
      for (const byte of textEncoder.encode(String(bytes))) streamed.write(Uint8Array.of(byte))
    },
    { ...context, includeUsage: true },
  )
  for (const event of unfoldChatResult(result)) for (const piece of inPieces(event)) events.write(piece)

  return [whole, streamed].map((tap) => {
    const { output } = JSON.parse(new TextDecoder().decode(tap.end())) as { output: { type: string }[] }
    return output.filter(({ type }) => type !== 'message')
  })
}

function inPieces(event: ChatEvent): readonly ChatEvent[] {
  return event.type === 'tool-input-delta' ? Array.from(event.input, (input) => ({ ...event, input })) : [event]
}

const exec = { type: 'custom', name: 'exec', description: 'Runs a script.' }
const wait = { type: 'function', name: 'wait', parameters: { type: 'object', properties: {} } }
const functions = { type: 'namespace', name: 'functions', description: 'The usual.', tools: [exec, wait] }
const script = 'text("tab\there")\n// "quoted" \\ and ünï'

describe('a custom tool, for a provider that has none', () => {
  const wire = { input: 'x', tools: [exec] }

  test('is asked for as a function, and called as it was offered', () => {
    expect(toAnthropic(openaiResponses, wire).tools).toMatchObject([
      { name: 'exec', input_schema: { properties: { input: { type: 'string' } } } },
    ])
    const input = JSON.stringify({ input: script })
    for (const calls of callsBack(openaiResponses, wire, {
      type: 'tool-call',
      kind: 'function',
      id: 'c1',
      name: 'exec',
      input,
    }))
      expect(calls).toMatchObject([{ type: 'custom_tool_call', call_id: 'c1', name: 'exec', input: script }])
  })

  test('gets what a model wrote that did not keep to the function', () => {
    const call = { type: 'tool-call', kind: 'function', id: 'c1', name: 'exec', input: '{"script":"ls"}' } as const
    for (const calls of callsBack(openaiResponses, wire, call))
      expect(calls).toMatchObject([{ input: '{"script":"ls"}' }])
  })
})

describe('tools of a namespace', () => {
  const history = [
    { role: 'user', content: 'x' },
    { type: 'custom_tool_call', call_id: 'c1', name: 'exec', namespace: 'functions', input: 'ls' },
    { type: 'custom_tool_call_output', call_id: 'c1', output: 'a.txt' },
  ]

  test.each([
    ['in the list of tools', { input: history, tools: [functions] }],
    ['in the input', { input: [{ type: 'additional_tools', role: 'developer', tools: [functions] }, ...history] }],
  ])('%s: carry its name to the provider, and not back', (_, wire) => {
    const { tools, messages } = toAnthropic(openaiResponses, wire)
    expect(tools.map(({ name }) => name)).toEqual(['functions__exec', 'functions__wait'])
    expect(messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [{ type: 'tool_use', name: 'functions__exec', input: { input: 'ls' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1' }] },
    ])
    const call = { type: 'tool-call', kind: 'function', id: 'c2', name: 'functions__wait', input: '{"a":1}' } as const
    for (const calls of callsBack(openaiResponses, wire, call))
      expect(calls).toMatchObject([
        { type: 'function_call', call_id: 'c2', name: 'wait', namespace: 'functions', arguments: '{"a":1}' },
      ])
    const other = { ...call, name: 'functions__exec', input: '{"input":"ls"}' }
    for (const calls of callsBack(openaiResponses, wire, other))
      expect(calls).toMatchObject([{ type: 'custom_tool_call', name: 'exec', namespace: 'functions', input: 'ls' }])
  })
})

describe('a name that not every provider takes', () => {
  const long = `mcp__${'files_'.repeat(12)}read`

  test.each([[long], [`${long}_too`], ['calendar.list:all']])('%s: is told short and plain, and comes back', (name) => {
    const declared = { name, input_schema: { type: 'object' } }
    const wire = {
      max_tokens: 10,
      tools: [declared],
      tool_choice: { type: 'tool', name },
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name, input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'y' }] },
      ],
    }
    const request = anthropicMessages.request.decode({ model: 'm', ...wire }, context)
    const sent = translateRequest(request, openaiChat, context) as {
      tools: [{ function: { name: string } }]
    }
    const told = sent.tools[0].function.name
    expect(told).toMatch(/^[\w-]{1,64}$/)
    expect(sent).toMatchObject({
      tool_choice: { function: { name: told } },
      messages: [{}, { tool_calls: [{ function: { name: told } }] }, {}],
    })
    const message = { role: 'assistant', tool_calls: [{ id: 'c2', function: { name: told, arguments: '{}' } }] }
    const options = { caller: anthropicMessages, provider: openaiChat, request, stream: false, usageRequested: false }
    const tap = translateResult({ ...options, context })
    const choices = [{ index: 0, finish_reason: 'tool_calls', message }]
    tap.write(textEncoder.encode(JSON.stringify({ id: 'x', object: 'chat.completion', model: 'm', choices })))
    expect(JSON.parse(new TextDecoder().decode(tap.end()))).toMatchObject({ content: [{ type: 'tool_use', name }] })
  })

  test('is the same for the call and for what it returned', () => {
    const contents = [
      { role: 'model', parts: [{ functionCall: { name: 'calendar.list', args: {} } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'calendar.list', response: { output: 'x' } } }] },
    ]
    const request = { ...geminiGenerate.request.decode({ contents }, context), model: 'm' }
    const { messages } = translateRequest(request, openaiChat, context) as {
      messages: readonly [{ tool_calls: readonly [{ function: { name: string } }] }, { name: string }]
    }
    expect(messages[1].name).toMatch(/^calendar_list_\w+$/)
    expect(messages[0].tool_calls[0].function.name).toBe(messages[1].name)
  })

  test('stays different from others that begin alike', () => {
    const tools = [long, `${long}_too`].map((name) => ({ type: 'function', function: { name } }))
    const names = toAnthropic(openaiChat, { messages: [{ role: 'user', content: 'x' }], tools }).tools.map(
      ({ name }) => name,
    )
    expect(new Set(names).size).toBe(2)
  })
})

test('an id of a user that OpenAI would refuse is shortened, and stays the same', () => {
  const long = JSON.stringify({ device_id: 'd'.repeat(64), session_id: 's'.repeat(36) })
  const users = [long, long, `${long}2`, 'short'].map((user_id) => {
    const messages = [{ role: 'user', content: 'x' }]
    const wire = { model: 'm', max_tokens: 10, messages, metadata: { user_id } }
    const request = anthropicMessages.request.decode(wire, context)
    return (translateRequest(request, openaiChat, context) as { user: string }).user
  })
  expect(users.every((user) => user.length <= 64)).toBe(true)
  expect(users[0]).toBe(users[1])
  expect(users[0]).not.toBe(users[2])
  expect(users[3]).toBe('short')
})
