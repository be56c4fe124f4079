import { describe, expect, test } from 'vitest'
import {
  answerHeadOf,
  continueConversation,
  type ConversationTurn,
  findResponseItem,
  listResponseInput,
  readFinishedResponse,
  readRequestedState,
  responseOfItem,
  statelessRequest,
} from './conversation.ts'

const base = '0123456789abcdef0123456789abcdef'
const reasoning = { type: 'reasoning', id: `rs_${base}0`, summary: [], encrypted_content: 'sluice-signature.c2ln' }
const call = {
  type: 'function_call',
  id: `fc_${base}1`,
  status: 'completed',
  call_id: 'call_1',
  name: 'look',
  arguments: '{}',
  extra_content: { google: { thought_signature: 'c2ln' } },
}
const turn: ConversationTurn = {
  responseId: `resp_${base}`,
  input: 'Oslo?',
  output: [reasoning, call],
  dialect: 'gemini-generate',
}
const none = new Map<string, never>()

describe('a request that goes on', () => {
  const request = {
    model: 'm',
    instructions: 'Be brief.',
    previous_response_id: turn.responseId,
    store: true,
    background: false,
    input: [{ type: 'function_call_output', call_id: 'call_1', output: 'sunny' }],
  }

  test('has the conversation before its own input, as it was said', () => {
    expect(statelessRequest(request, { turns: [turn], references: none, dialect: 'gemini-generate' })).toEqual({
      model: 'm',
      instructions: 'Be brief.',
      input: [{ role: 'user', content: 'Oslo?' }, reasoning, call, ...request.input],
    })
  })

  test('tells another model nothing that only the first can read', () => {
    const { extra_content: _, ...plain } = call
    const to = (dialect: string): unknown => continueConversation(request, { turns: [turn], references: none, dialect })
    expect(to('openai-chat')).toMatchObject({ store: true, input: [{ role: 'user' }, plain, request.input[0]] })
    const { id: _id, status: _status, ...bare } = plain
    expect(to('openai-responses')).toMatchObject({ input: [{ role: 'user' }, bare, request.input[0]] })
    expect(JSON.stringify(to('openai-responses'))).not.toContain(base)
  })

  test('that goes on from nothing keeps its input as it is', () => {
    const continuation = { turns: [], references: none, dialect: 'openai-chat' }
    expect(statelessRequest({ model: 'm', input: 'Hi', background: true }, continuation)).toEqual({
      model: 'm',
      input: 'Hi',
      background: true,
    })
  })

  test('may refer to single items', () => {
    const references = new Map([[call.id, call]])
    const input = [{ type: 'item_reference', id: call.id }, { id: 'msg_unknown' }]
    expect(readRequestedState({ input }).references).toEqual([call.id, 'msg_unknown'])
    expect(continueConversation({ input }, { turns: [], references, dialect: 'gemini-generate' })).toEqual({
      input: [call, { id: 'msg_unknown' }],
    })
  })
})

test('state is asked for by default, and `null` asks for nothing', () => {
  expect(readRequestedState({ previous_response_id: null, conversation: null, background: null, store: null })).toEqual(
    {
      previousResponseId: undefined,
      store: true,
      background: false,
      conversation: false,
      references: [],
    },
  )
  expect(() => readRequestedState({ previous_response_id: 7 })).toThrow('must be a string')
})

test('items are found again by the ids that they are listed with', () => {
  const asked: ConversationTurn = {
    ...turn,
    input: [
      { role: 'user', content: 'Oslo?' },
      { type: 'message', id: 'msg_own', role: 'assistant', content: 'Yes?' },
      { type: 'function_call_output', call_id: 'call_0', output: 'x' },
    ],
  }
  const listed = listResponseInput(asked)
  expect(listed).toMatchObject([
    { id: `msg_${base}i0`, type: 'message', content: [{ type: 'input_text', text: 'Oslo?' }], status: 'completed' },
    { id: 'msg_own', content: [{ type: 'output_text', text: 'Yes?' }] },
    { id: `fco_${base}i2` },
  ])
  expect(findResponseItem(asked, `msg_${base}i0`)).toEqual({ role: 'user', content: 'Oslo?' })
  expect(findResponseItem(asked, call.id)).toBe(call)
  expect(findResponseItem(asked, 'msg_none')).toBeUndefined()
  for (const id of [call.id, `fco_${base}i2`]) expect(responseOfItem(id)).toBe(turn.responseId)
  expect(responseOfItem('msg_own')).toBeUndefined()
})

test('an answer repeats its request, with what OpenAI says where it says nothing', () => {
  const request = { model: 'm', temperature: 0.5, tools: null, metadata: { a: 'b' }, previous_response_id: 'resp_0' }
  const { extensions } = answerHeadOf(request, { id: 'resp_1', created: 7, stored: true })
  expect(extensions['openai-responses/form']?.['echo']).toMatchObject({
    temperature: 0.5,
    tools: [],
    metadata: { a: 'b' },
    previous_response_id: 'resp_0',
    store: true,
    tool_choice: 'auto',
  })
})

describe('the response that is kept', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const response = { id: 'resp_1', status: 'completed', output: [{ text: 'a\n\nevent: b\ndata: c' }] }
  const last = (type: string, body: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, response: body, sequence_number: 3 })}\n\n`

  test('is the whole answer, or that of the last event', () => {
    const whole = JSON.stringify(response)
    expect(readFinishedResponse(bytes(whole), false)).toEqual({ text: whole, output: response.output })
    const delta = `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"x"}\n\n`
    for (const type of ['response.completed', 'response.incomplete'])
      expect(readFinishedResponse(bytes(delta + last(type, response)), true)?.text).toBe(whole)
    expect(readFinishedResponse(bytes(delta), true)).toBeUndefined()
  })

  test('is none that failed', () => {
    const failed = { ...response, status: 'failed' }
    expect(readFinishedResponse(bytes(JSON.stringify(failed)), false)).toBeUndefined()
    expect(readFinishedResponse(bytes(last('response.failed', failed)), true)).toBeUndefined()
  })
})
