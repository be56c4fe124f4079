import type { ChatRequest } from '@sluice/protocol'
import type { Behaviour } from '@sluice/simulator'

/** One thing that must cross from any dialect to any other. */
export interface Scenario {
  readonly name: string
  /** Without `model` and `stream`. */
  readonly request: Omit<ChatRequest, 'model' | 'stream'>
  readonly behaviour: Behaviour
}

const question = { role: 'user', content: 'What is the weather in Oslo?' } as const

const weather = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
} as const

const call = {
  type: 'tool-call',
  kind: 'function',
  id: 'call_abc123',
  name: 'get_weather',
  input: '{"city":"Oslo"}',
} as const
const otherCall = { ...call, id: 'call_def456', input: '{"city":"Rome"}' } as const

/** One red pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='

export const scenarios: readonly Scenario[] = [
  {
    name: 'text',
    request: { messages: [question] },
    behaviour: { reply: { text: ['It ', 'is ', 'sunny — 20 °C ☀.'] } },
  },
  {
    name: 'system prompt and parameters',
    request: {
      messages: [{ role: 'system', content: 'Be brief.' }, question],
      maxOutputTokens: 200,
      temperature: 0.5,
      stop: ['END'],
    },
    behaviour: { reply: { text: 'Sunny.' } },
  },
  {
    name: 'several turns',
    request: {
      messages: [question, { role: 'assistant', content: 'Sunny.' }, { role: 'user', content: 'And in Rome?' }],
    },
    behaviour: { reply: { text: 'Rainy.' } },
  },
  {
    name: 'a tool call',
    request: { messages: [question], tools: [weather] },
    behaviour: { reply: { toolCalls: [{ id: 'call_abc123', name: 'get_weather', arguments: { city: 'Oslo' } }] } },
  },
  {
    name: 'text and parallel tool calls',
    request: { messages: [question], tools: [weather] },
    behaviour: {
      reply: {
        text: 'Let me look.',
        toolCalls: [
          { id: 'call_abc123', name: 'get_weather', arguments: { city: 'Oslo' } },
          { id: 'call_def456', name: 'get_weather', arguments: { city: 'Rome' } },
        ],
      },
    },
  },
  {
    name: 'a tool call without arguments',
    request: { messages: [question], tools: [{ type: 'function', name: 'now' }] },
    behaviour: { reply: { toolCalls: [{ id: 'call_abc123', name: 'now', arguments: {} }] } },
  },
  {
    name: 'tool results',
    request: {
      messages: [
        question,
        { role: 'assistant', content: [call, otherCall] },
        { role: 'tool', toolCallId: call.id, content: 'sunny' },
        { role: 'tool', toolCallId: otherCall.id, content: 'rainy' },
      ],
      tools: [weather],
    },
    behaviour: { reply: { text: 'Oslo is sunny, Rome rainy.' } },
  },
  {
    name: 'a picture that a tool returned',
    request: {
      messages: [
        question,
        { role: 'assistant', content: [call] },
        {
          role: 'tool',
          toolCallId: call.id,
          content: [
            { type: 'text', text: 'A map:' },
            { type: 'image', media: { from: 'base64', mediaType: 'image/png', data: pixel } },
          ],
        },
      ],
      tools: [weather],
    },
    behaviour: { reply: { text: 'Oslo is sunny.' } },
  },
  {
    name: 'an image',
    request: {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', media: { from: 'base64', mediaType: 'image/png', data: pixel } },
          ],
        },
      ],
    },
    behaviour: { reply: { text: 'A pixel.' } },
  },
  {
    name: 'JSON by schema',
    request: {
      messages: [question],
      responseFormat: { type: 'json-schema', name: 'weather', schema: weather.parameters, strict: true },
    },
    behaviour: { reply: { text: '{"city":"Oslo"}' } },
  },
  {
    name: 'reasoning',
    request: { messages: [question], reasoning: { effort: 'low' } },
    behaviour: { reply: { reasoning: ['I think ', 'of Oslo.'], text: 'Sunny.' } },
  },
  {
    name: 'the length limit',
    request: { messages: [question], maxOutputTokens: 20 },
    behaviour: { reply: { text: 'It is', finishReason: 'length' } },
  },
  {
    name: 'a content filter',
    request: { messages: [question] },
    behaviour: { reply: { text: 'I', finishReason: 'content-filter' } },
  },
  {
    name: 'cached and reasoning tokens',
    request: { messages: [question] },
    behaviour: { reply: { text: 'Sunny.', usage: { input: 1000, cachedInput: 600, output: 50, reasoning: 30 } } },
  },
]
