import { expect, test } from 'vitest'
import { describeOperationDialect } from '../../contracts/operation-dialect-contract.ts'
import { openaiInputTokens } from './openai-input-tokens.ts'

const model = 'gpt-6-sol'
const minimal = { model, input: 'Hello' }

describeOperationDialect(openaiInputTokens, {
  model,
  requests: {
    minimal,
    'all that counts': {
      model,
      instructions: 'Be brief.',
      input: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Weather in Oslo?' }] },
        { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{"city":"Oslo"}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
      ],
      tools: [{ type: 'function', name: 'look', parameters: { type: 'object' }, strict: true }],
      tool_choice: 'auto',
      parallel_tool_calls: false,
      reasoning: { effort: 'low' },
      text: { verbosity: 'low' },
      truncation: 'auto',
    },
    'what the provider remembers': { model, previous_response_id: 'resp_1', input: 'And then?' },
  },
  results: { plain: { request: minimal, answer: { object: 'response.input_tokens', input_tokens: 11 } } },
  unreadable: [null, [], {}, { input_tokens: '7' }, { input_tokens: -1 }, { input_tokens: 1.5 }],
})

test('the model may be left out', () => {
  const body = new TextEncoder().encode('{"input":"Hello"}')
  expect(openaiInputTokens.peek(body).model).toBeUndefined()
  expect(openaiInputTokens.request.decode({ input: 'Hello' }, { warn: () => undefined })).toMatchObject({
    messages: [{ role: 'user', content: 'Hello' }],
  })
})
