const usage = { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 }

export const results: Readonly<Record<string, unknown>> = {
  text: {
    id: 'cmpl-1',
    object: 'text_completion',
    created: 1794150020,
    model: 'gpt-3.5-turbo-instruct:20230824-v2',
    choices: [{ text: ' a time', index: 0, logprobs: null, finish_reason: 'length' }],
    usage,
  },
  'two choices': {
    id: 'cmpl-2',
    object: 'text_completion',
    created: 1794150020,
    model: 'm',
    system_fingerprint: 'fp_1',
    choices: [
      { text: ' a time', index: 0, logprobs: null, finish_reason: 'stop' },
      { text: '', index: 1, logprobs: null, finish_reason: 'content_filter' },
    ],
    usage,
  },
  logprobs: {
    id: 'cmpl-3',
    object: 'text_completion',
    created: 1794150020,
    model: 'm',
    choices: [
      {
        text: ' a time',
        index: 0,
        logprobs: {
          tokens: [' a', ' time'],
          token_logprobs: [-0.1, -0.25],
          top_logprobs: [
            { ' a': -0.1, ' the': -2 },
            { ' time': -0.25, ' midnight': -3 },
          ],
          text_offset: [0, 2],
        },
        finish_reason: 'stop',
      },
    ],
    usage,
  },
  'an echoed prompt': {
    id: 'cmpl-4',
    object: 'text_completion',
    created: 1794150020,
    model: 'm',
    choices: [
      {
        text: 'Once upon a',
        index: 0,
        logprobs: {
          tokens: ['Once', ' upon', ' a'],
          token_logprobs: [null, -1.5, -0.1],
          top_logprobs: [null, { ' upon': -1.5 }, { ' a': -0.1 }],
          text_offset: [0, 4, 9],
        },
        finish_reason: 'length',
      },
    ],
  },
  'members of vLLM': {
    id: 'cmpl-5',
    object: 'text_completion',
    created: 1794150020,
    model: 'm',
    choices: [
      { text: 'x', index: 0, logprobs: null, finish_reason: 'stop', stop_reason: 128009, prompt_logprobs: null },
    ],
    usage: { ...usage, prompt_tokens_details: null },
    kv_transfer_params: null,
  },
  'a word of its own': {
    id: 'cmpl-6',
    object: 'text_completion',
    created: 1794150020,
    model: 'm',
    choices: [{ text: 'x', index: 0, logprobs: null, finish_reason: 'eos' }],
  },
}
