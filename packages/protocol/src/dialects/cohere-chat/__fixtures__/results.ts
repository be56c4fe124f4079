const usage = { billed_units: { input_tokens: 8, output_tokens: 5 }, tokens: { input_tokens: 501, output_tokens: 5 } }

const call = (id: string, city: string): object => ({
  id,
  type: 'function',
  function: { name: 'get_weather', arguments: JSON.stringify({ city }) },
})

export const citation: object = {
  start: 6,
  end: 11,
  text: 'sunny',
  sources: [
    { type: 'document', id: 'doc:0', document: { id: 'doc:0', title: 'Yr', url: 'https://yr.no', snippet: 'Sunny' } },
  ],
  content_index: 1,
  type: 'TEXT_CONTENT',
}
export const toolCitation: object = {
  start: 0,
  end: 2,
  text: 'It',
  sources: [{ type: 'tool', id: 'get_weather_abc:0', tool_output: { sky: 'clear' } }],
  content_index: 1,
  type: 'TEXT_CONTENT',
}

/** Answers, as Cohere's reference has them. */
export const results: Readonly<Record<string, unknown>> = {
  text: {
    id: 'c14c80c3-18eb-4519-9460-6c92edd8cfb4',
    finish_reason: 'COMPLETE',
    message: { role: 'assistant', content: [{ type: 'text', text: 'Sunny — 20 °C 👋🏽.' }] },
    usage: { ...usage, cached_tokens: 400 },
  },
  'parallel calls': {
    id: 'r-2',
    finish_reason: 'TOOL_CALL',
    message: {
      role: 'assistant',
      tool_plan: 'I will look in Oslo and Rome.',
      tool_calls: [call('get_weather_abc', 'Oslo'), call('get_weather_def', 'Rome')],
    },
    usage,
  },
  'thinking and citations': {
    id: 'r-3',
    finish_reason: 'COMPLETE',
    message: {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Let me see.' },
        { type: 'text', text: 'It is sunny.' },
      ],
      citations: [toolCitation, citation],
    },
    usage,
  },
  'the length limit, with log probabilities': {
    id: 'r-4',
    finish_reason: 'MAX_TOKENS',
    message: { role: 'assistant', content: [{ type: 'text', text: 'It is' }] },
    usage,
    logprobs: [
      { text: 'It', token_ids: [5], logprobs: [-0.25] },
      { text: ' is', token_ids: [6, 7], logprobs: [-0.5, -0.25] },
    ],
  },
  'a stop sequence and unknown members': {
    id: 'r-5',
    finish_reason: 'STOP_SEQUENCE',
    message: {
      role: 'assistant',
      content: [
        { type: 'text', text: 'It is', more: 1 },
        { type: 'hologram', data: 'x' },
      ],
      tool_plan: '',
      tool_calls: [],
      citations: [{ start: 0, end: 2, text: 'It', sources: [], content_index: 1, type: 'THINKING_CONTENT' }],
      mood: 'fine',
    },
    usage: { billed_units: { input_tokens: 8, output_tokens: 5, search_units: 1 } },
    warnings: ['old model'],
  },
  'an error, and nothing said': {
    id: 'r-6',
    finish_reason: 'ERROR',
    message: { role: 'assistant', content: null, tool_calls: null },
    usage: null,
  },
  'a text written as one': { finish_reason: 'TIMEOUT', message: { content: 'It is' } },
}
