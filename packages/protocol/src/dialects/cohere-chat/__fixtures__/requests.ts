const question = { role: 'user', content: 'What is the weather in Oslo?' }
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}

/** Bodies of `POST /v2/chat`, as Cohere's reference has them. */
export const requests: Readonly<Record<string, unknown>> = {
  plain: { model: 'command-a-plus-05-2026', messages: [question] },
  parameters: {
    model: 'command-a-plus-05-2026',
    messages: [{ role: 'system', content: 'Be brief.' }, question],
    stream: true,
    max_tokens: 200,
    temperature: 0.3,
    p: 1.5,
    k: 600,
    seed: 7,
    frequency_penalty: 2,
    presence_penalty: -1,
    stop_sequences: ['a', 'b', 'c', 'd', 'e', 'f'],
    logprobs: true,
    safety_mode: 'STRICT',
    citation_options: { mode: 'FAST' },
    priority: 3,
    raw_prompting: false,
    strict_tools: true,
    future: { anything: [1] },
  },
  'odd values': {
    model: 'm',
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [] },
      { role: 'user', content: null, name: 'Ada' },
      { role: 'assistant', content: '' },
      { role: 'assistant' },
      { role: 'assistant', content: null, tool_calls: [], tool_plan: '', citations: [] },
      { role: 'user', content: '' },
    ],
    temperature: null,
    max_tokens: '10',
    tools: [],
    tool_choice: 'AUTO',
    response_format: { type: 'xml' },
  },
  'content parts': {
    model: 'command-a-vision-07-2025',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' } },
          { type: 'image_url', image_url: { url: 'https://example.com/a.png', extra: true }, more: 1 },
          { type: 'video', video: { id: 'v' } },
        ],
      },
    ],
  },
  'a tool loop': {
    model: 'command-a-plus-05-2026',
    messages: [
      question,
      {
        role: 'assistant',
        tool_plan: 'I will look up the weather.',
        tool_calls: [
          { id: 'get_weather_abc', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
          { id: 'now_def', type: 'function', function: { name: 'now' } },
          { type: 'function', function: { name: 'now', arguments: '' } },
        ],
        citations: [{ start: 2, end: 6, text: 'will', sources: [], type: 'PLAN' }],
      },
      {
        role: 'tool',
        tool_call_id: 'get_weather_abc',
        content: [
          { type: 'document', document: { data: { temperature: 20, sky: 'clear' }, id: 'd1' } },
          { type: 'document', document: { data: '{"wind":3}' } },
          { type: 'text', text: 'measured at noon' },
        ],
      },
      { role: 'tool', tool_call_id: 'now_def', content: '{"time":"12:00"}' },
    ],
    tools: [weather, { type: 'function', function: { name: 'now', parameters: {} } }],
    strict_tools: true,
    tool_choice: 'REQUIRED',
  },
  'thinking and documents': {
    model: 'command-a-reasoning-08-2025',
    messages: [
      question,
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'The document says so.' },
          { type: 'text', text: 'It is sunny.' },
        ],
        citations: [
          {
            start: 6,
            end: 11,
            text: 'sunny',
            sources: [{ type: 'document', id: 'doc:0', document: { id: 'doc:0', url: 'https://yr.no', title: 'Yr' } }],
            content_index: 1,
            type: 'TEXT_CONTENT',
          },
          { start: 0, end: 3, text: 'The', sources: [], content_index: 0, type: 'THINKING_CONTENT' },
        ],
      },
      { role: 'user', content: 'Sure?' },
    ],
    documents: ['Oslo is sunny.', { id: 'doc:0', data: { text: 'Sunny', url: 'https://yr.no' } }],
    thinking: { type: 'enabled', token_budget: 500 },
    tool_choice: 'NONE',
  },
  'thinking off, JSON': {
    model: 'command-a-reasoning-08-2025',
    messages: [question],
    thinking: { type: 'disabled' },
    response_format: { type: 'json_object' },
  },
  'JSON by schema': {
    model: 'command-a-plus-05-2026',
    messages: [question],
    thinking: { type: 'enabled' },
    tools: [{ function: { name: 'untyped' } }],
    strict_tools: false,
    response_format: { type: 'json_object', json_schema: { type: 'object', properties: { city: { type: 'string' } } } },
  },
}
