import { describeOperationDialect } from '../../contracts/operation-dialect-contract.ts'
import { anthropicCountTokens } from './anthropic-count-tokens.ts'

const model = 'claude-sonnet-5'
const minimal = { model, messages: [{ role: 'user', content: 'Hello' }] }

describeOperationDialect(anthropicCountTokens, {
  model,
  requests: {
    minimal,
    'all that counts': {
      model,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: 'Weather in Oslo?' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: { city: 'Oslo' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' }] },
      ],
      tools: [{ name: 'look', description: 'The weather', input_schema: { type: 'object' } }],
      tool_choice: { type: 'auto' },
      thinking: { type: 'enabled', budget_tokens: 1024 },
    },
  },
  results: { plain: { request: minimal, answer: { input_tokens: 2095 } } },
  unreadable: [null, [], {}, { input_tokens: '7' }, { input_tokens: -1 }, { input_tokens: 1.5 }],
})
