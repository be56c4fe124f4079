import { describe, expect, test } from 'vitest'
import { describeChatDialect } from '../../contracts/chat-dialect-contract.ts'
import type { Warning } from '../../ir/extensions.ts'
import { translateRequest, translateResult } from '../../translate/translation.ts'
import { errors } from '../ollama-chat/__fixtures__/errors.ts'
import { openaiChat } from '../openai-chat/openai-chat.ts'
import { failures, results, streams } from './__fixtures__/answers.ts'
import { requests } from './__fixtures__/requests.ts'
import { ollamaGenerate } from './ollama-generate.ts'

describeChatDialect(ollamaGenerate, { requests, results, streams, failures, errors })

describe('a prompt', () => {
  const warnings: string[] = []
  const context = { warn: ({ path }: Warning) => void warnings.push(path) }

  test('becomes a chat, and what a chat has no word for is missed', () => {
    const wire = { model: 'm', system: 'Be brief.', prompt: 'Why?', suffix: '.', options: { num_predict: 5 } }
    expect(translateRequest(ollamaGenerate.request.decode(wire, context), openaiChat, context)).toMatchObject({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Why?' },
      ],
      max_completion_tokens: 5,
    })
    expect(warnings.splice(0)).toEqual(['suffix'])
  })

  test('that goes on from numbers of one model can be asked of no other', () => {
    expect(ollamaGenerate.request.decode({ model: 'm', prompt: 'x', context: [1] }, context).remembered).toBe('context')
  })

  test('is answered in its own words', () => {
    const options = { caller: ollamaGenerate, provider: openaiChat, stream: false, usageRequested: true, context }
    const tap = translateResult(options)
    const message = { role: 'assistant', content: 'Light.', reasoning_content: 'Hm.' }
    const choices = [{ index: 0, message, finish_reason: 'stop' }]
    tap.write(new TextEncoder().encode(JSON.stringify({ id: 'x', created: 1, model: 'm', choices })))
    expect(JSON.parse(new TextDecoder().decode(tap.end()))).toMatchObject({
      model: 'm',
      response: 'Light.',
      thinking: 'Hm.',
      done: true,
    })
  })

  test('cannot be made of a conversation', () => {
    const messages = ['user', 'assistant', 'user'].map((role) => ({ role, content: 'x' }))
    const chat = openaiChat.request.decode({ model: 'm', messages }, context)
    expect(() => translateRequest(chat, ollamaGenerate, context)).toThrow(/Ask `m` for a chat/)
  })
})

describe('an answer that is relayed', () => {
  test('is whole with its text', () => {
    const tap = ollamaGenerate.tap.result()
    tap.write(new TextEncoder().encode(JSON.stringify(results['text'])))
    tap.end()
    expect([tap.complete, tap.usage()?.output]).toEqual([true, 237])
  })
})
