import { type ChatEvent, openaiChat } from '@sluice/protocol'
import { expect, it } from 'vitest'
import type { Answer } from '../dispatch/answer.ts'
import type { Target } from '../dispatch/target.ts'
import { encodeJson, openExchange } from './call-engine.ts'
import { estimateChatUsage } from './estimate-chat-usage.ts'

const exchange = openExchange(
  openaiChat,
  { body: encodeJson({ model: 'gpt-4o', messages: [{ role: 'user', content: 'How is the weather in Bergen?' }] }) },
  'req_1',
)
const answer = { target: { model: 'gpt-4o' } as Target } as Answer

it.each<[string, readonly ChatEvent[], number]>([
  ['nothing', [], 0],
  ['a text', [{ type: 'text-delta', choice: 0, part: 0, text: 'It rains, as it does.' }], 7],
  ['arguments of a tool', [{ type: 'tool-input-delta', choice: 0, part: 0, input: '{"city":"Bergen"}' }], 6],
])('counts %s that was heard, and what was asked', async (_what, events, output) => {
  const usage = await estimateChatUsage(exchange, answer, events)
  expect(usage).toMatchObject({ input: 14, output, estimated: true })
})
