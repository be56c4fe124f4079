import { describe, expect, test } from 'vitest'
import {
  type ChatRequest,
  type ChatResult,
  type ContentPart,
  noUsage,
  translateRequest,
  translateResult,
} from '@sluice/protocol'
import { chatDialects } from '@sluice/protocol/dialects'
import { throughJson } from './kept.ts'

/** A model's signed reasoning has to come back with the results of its calls, by whatever wire its caller speaks. */
const quiet = { warn: (): void => undefined }

interface Conversation {
  readonly messages: unknown[]
  readonly input: unknown
  readonly contents: unknown[]
}

interface WireAnswer {
  readonly choices: readonly [{ readonly message: unknown }]
  readonly output: readonly unknown[] & { readonly message: unknown }
  readonly role: string
  readonly content: unknown
  readonly candidates: readonly [{ readonly content: unknown }]
}

/** How a client puts an answer into its next request. Cohere's and Ollama's wires have no place for signatures. */
const clients: Readonly<Record<string, (before: Conversation, answer: WireAnswer) => object>> = {
  'openai-chat': ({ messages }, { choices }) => ({ messages: [...messages, choices[0].message] }),
  'openai-responses': ({ input }, { output }) => ({
    input: [...(typeof input === 'string' ? [{ role: 'user', content: input }] : (input as unknown[])), ...output],
  }),
  'anthropic-messages': ({ messages }, { role, content }) => ({ messages: [...messages, { role, content }] }),
  'gemini-generate': ({ contents }, { candidates }) => ({ contents: [...contents, candidates[0].content] }),
  'bedrock-converse': ({ messages }, { output }) => ({ messages: [...messages, output.message] }),
}

const signers = chatDialects.filter(({ id }) => id === 'anthropic-messages' || id === 'bedrock-converse')

const asked: ChatRequest = {
  model: 'claude-sonnet-4-5',
  messages: [{ role: 'user', content: 'What is the weather?' }],
  tools: [{ type: 'function', name: 'weather', parameters: { type: 'object', properties: {} } }],
  reasoning: { effort: 'high' },
  maxOutputTokens: 32_000,
}
const thought: ContentPart = { type: 'reasoning', text: 'I have to look.', signature: 'c2lnbmVk' }
const call: ContentPart = { type: 'tool-call', kind: 'function', id: 'toolu_1', name: 'weather', input: '{}' }
const answer: ChatResult = {
  id: 'msg_1',
  model: 'claude-sonnet-4-5',
  created: 1_700_000_000,
  choices: [{ index: 0, content: [thought, call], finishReason: 'tool-calls' }],
  usage: { ...noUsage, input: 1, output: 1 },
}

function partsOf({ messages }: ChatRequest): readonly ContentPart[] {
  return messages.flatMap(({ content }) => (typeof content === 'object' ? (content ?? []) : []))
}

describe.each(Object.keys(clients))('a tool loop of a caller of %s', (id) => {
  const caller = chatDialects.find((dialect) => dialect.id === id)!

  test.each(signers.map((signer) => [signer.id, signer] as const))('keeps the reasoning of %s', (_, provider) => {
    const first = throughJson(translateRequest(asked, caller, quiet)) as Conversation
    const tap = translateResult({ caller, provider, stream: false, usageRequested: true, context: quiet })
    tap.write(new TextEncoder().encode(JSON.stringify(provider.result.encode(answer, quiet))))
    const answered = JSON.parse(new TextDecoder().decode(tap.end())) as WireAnswer

    const next = { ...first, ...clients[id]!(first, answered) }
    const read = caller.request.decode(throughJson(next), quiet)
    const made = partsOf(read).find((part) => part.type === 'tool-call')
    const result = { role: 'tool', toolCallId: made?.id ?? '', content: 'Rain' } as const
    const whole = { ...read, model: asked.model, messages: [...read.messages, result] }
    const sent = provider.request.decode(throughJson(translateRequest(whole, provider, quiet)), quiet)

    const turn = partsOf(sent).filter(({ type }) => type !== 'text')
    expect(turn).toMatchObject([thought, call])
    expect(sent.reasoning).toBeDefined()
  })
})
