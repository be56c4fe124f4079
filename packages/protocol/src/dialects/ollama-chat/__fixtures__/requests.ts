const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}

const question = { role: 'user', content: 'What is the weather in Oslo?' }

export const requests: Readonly<Record<string, unknown>> = {
  'the least': { model: 'gemma4', messages: [question] },
  'no stream': { model: 'gemma4', messages: [question], stream: false },
  'a stream': { model: 'gemma4', messages: [{ role: 'system', content: 'Be brief.' }, question], stream: true },
  'a stream that is null': { model: 'gemma4', messages: [question], stream: null },
  'loading a model': { model: 'gemma4' },
  'unloading a model': { model: 'gemma4', messages: [], keep_alive: 0 },
  options: {
    model: 'gemma4',
    messages: [question],
    stream: false,
    keep_alive: '5m',
    truncate: false,
    options: {
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      min_p: 0.05,
      seed: 7,
      num_predict: 200,
      num_ctx: 8192,
      repeat_penalty: 1.1,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      stop: ['END', '\n\n'],
      num_gpu: 1,
    },
  },
  'options that say nothing': { model: 'gemma4', messages: [question], options: {} },
  'options that are no limits': { model: 'gemma4', messages: [question], options: { num_predict: -1, stop: 'END' } },
  images: {
    model: 'gemma4',
    messages: [{ role: 'user', content: 'What is this?', images: [pixel, '/9j/4AAQSkZJRg=='] }],
    stream: false,
  },
  'an image alone': { model: 'gemma4', messages: [{ role: 'user', content: '', images: [pixel] }] },
  'a tool loop': {
    model: 'qwen3.5',
    messages: [
      question,
      {
        role: 'assistant',
        content: '',
        thinking: 'I need the weather.',
        tool_calls: [
          { function: { index: 0, name: 'get_weather', arguments: { city: 'Oslo' } } },
          { function: { index: 1, name: 'get_weather', arguments: { city: 'Rome', units: { deep: [1, null, 'x'] } } } },
        ],
      },
      { role: 'tool', tool_name: 'get_weather', content: 'sunny' },
      { role: 'tool', tool_name: 'get_weather', content: 'rainy' },
    ],
    tools: [weather],
    stream: false,
  },
  'a tool loop with ids': {
    model: 'gpt-oss:120b',
    messages: [
      question,
      {
        role: 'assistant',
        content: 'Let me look.',
        tool_calls: [
          { id: 'call_1', function: { name: 'get_weather', arguments: { city: 'Oslo' } } },
          { id: 'call_2', type: 'function', function: { name: 'now', arguments: {} } },
        ],
      },
      { role: 'tool', tool_name: 'now', tool_call_id: 'call_2', content: 'noon' },
      { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
    ],
    tools: [weather, { type: 'function', function: { name: 'now' } }],
  },
  'a result without its call': {
    model: 'gemma4',
    messages: [question, { role: 'tool', tool_name: 'get_weather', content: 'sunny' }],
  },
  'arguments as text': {
    model: 'gemma4',
    messages: [
      { role: 'assistant', content: '', tool_calls: [{ function: { name: 'f', arguments: '{"a": 1}' } }] },
      { role: 'assistant', tool_calls: [{ function: { name: 'g' } }] },
      { role: 'assistant', content: null, thinking: '', images: [], tool_calls: [] },
    ],
  },
  thinking: { model: 'deepseek-r1', messages: [question], think: true },
  'no thinking': { model: 'deepseek-r1', messages: [question], think: false },
  'thinking hard': { model: 'gpt-oss:120b', messages: [question], think: 'high' },
  JSON: { model: 'gemma4', messages: [question], format: 'json' },
  'JSON by schema': { model: 'gemma4', messages: [question], format: weather.function.parameters },
  'no format': { model: 'gemma4', messages: [question], format: '' },
  'log probabilities': { model: 'gemma4', messages: [question], logprobs: true, top_logprobs: 2 },
  'unknown members': {
    model: 'gemma4',
    messages: [{ ...question, future: 1 }],
    tools: [{ ...weather, future: 2 }],
    future: { a: 3 },
  },
}
