import { expect, test } from 'vitest'
import { describeOperationDialect } from '../../contracts/operation-dialect-contract.ts'
import { geminiCountTokens } from './gemini-count-tokens.ts'

const model = 'gemini-2.5-flash'
const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }]

describeOperationDialect(geminiCountTokens, {
  model,
  requests: {
    contents: { contents },
    'a whole request': {
      generateContentRequest: {
        model: `models/${model}`,
        contents,
        systemInstruction: { parts: [{ text: 'Be brief.' }] },
        tools: [{ functionDeclarations: [{ name: 'look', parametersJsonSchema: { type: 'object' } }] }],
      },
    },
    'a whole request of little': { generateContentRequest: { model: `models/${model}`, contents } },
  },
  results: { plain: { request: { contents }, answer: { totalTokens: 3 } } },
  unreadable: [null, [], {}, { totalTokens: '7' }, { totalTokens: -1 }],
})

test('members beside the contents count, as clients of Vertex AI write them', () => {
  const request = geminiCountTokens.request.decode(
    { contents, systemInstruction: { parts: [{ text: 'Be brief.' }] } },
    { warn: () => undefined },
  )
  expect(request.messages.map(({ role }) => role)).toEqual(['system', 'user'])
})
