import fc from 'fast-check'
import {
  type ChatEvent,
  type ChatMessage,
  type ChatRequest,
  type ChatResult,
  type ContentPart,
  noUsage,
  type Tool,
  unfoldChatResult,
  type Usage,
} from '@sluice/protocol'

/** Any text: plain words, all of Unicode, what JSON escapes, pieces of surrogate pairs. */
const text: fc.Arbitrary<string> = fc.oneof(
  fc.lorem({ maxCount: 3 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
  fc.constantFrom('😀', 'e\u0301', '\u2028', '"\\/\b\f\n\r\t', '\u0000', 'data: [DONE]\n\n', '<tool>', ' \n', '日本語'),
)

/** What nobody would take for nothing: wires may leave out texts of white space only. */
const visibleText = text.map((said) => `${said}.`)

const identifier = fc.stringMatching(/^[a-z][a-zA-Z0-9_-]{0,20}$/)
const callId = fc.oneof(
  fc.stringMatching(/^call_[a-zA-Z0-9]{8,24}$/),
  fc.stringMatching(/^toolu_[a-zA-Z0-9]{8,24}$/),
  fc.stringMatching(/^[a-zA-Z0-9]{9}$/),
  fc.uuid(),
)
const jsonObject = fc
  .dictionary(identifier, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
const base64 = fc.uint8Array({ minLength: 1, maxLength: 24 }).map((bytes) => btoa(String.fromCharCode(...bytes)))

/** With the first bytes by which a wire that names no type knows one. */
const images: readonly (readonly [mediaType: string, beginning: string])[] = [
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', '\xff\xd8\xff\xe0'],
  ['image/gif', 'GIF89a'],
]
const image: fc.Arbitrary<ContentPart> = fc
  .tuple(fc.constantFrom(...images), fc.uint8Array({ maxLength: 24 }))
  .map(([[mediaType, beginning], rest]) => {
    const data = btoa(beginning + String.fromCharCode(...rest))
    return { type: 'image', media: { from: 'base64', mediaType, data } }
  })
const textPart: fc.Arbitrary<ContentPart> = visibleText.map((said) => ({ type: 'text', text: said }))
const reasoningPart: fc.Arbitrary<ContentPart> = fc
  .tuple(visibleText, fc.option(base64, { nil: undefined }))
  .map(([said, signature]) => ({ type: 'reasoning', text: said, ...(signature !== undefined && { signature }) }))

const schema = fc.uniqueArray(identifier, { minLength: 1, maxLength: 3 }).map((names) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string', description: `The ${name}.` }])),
  required: names,
  additionalProperties: false,
}))

const functionTool: fc.Arbitrary<Tool> = fc.record(
  {
    type: fc.constant('function' as const),
    name: identifier,
    description: visibleText,
    parameters: schema,
    strict: fc.boolean(),
  },
  { requiredKeys: ['type', 'name', 'parameters'] },
)
const customTool: fc.Arbitrary<Tool> = fc.record(
  { type: fc.constant('custom' as const), name: identifier, description: visibleText },
  { requiredKeys: ['type', 'name'] },
)
const tools = (withCustom: boolean): fc.Arbitrary<readonly Tool[]> =>
  fc.uniqueArray(withCustom ? fc.oneof({ weight: 4, arbitrary: functionTool }, customTool) : functionTool, {
    minLength: 1,
    maxLength: 3,
    selector: (tool) => ('name' in tool ? tool.name : ''),
  })

function callOf(tool: Tool, id: string, input: unknown, said: string): ContentPart {
  if (tool.type === 'custom') return { type: 'tool-call', kind: 'custom', id, name: tool.name, input: said }
  const { name } = tool as { name: string }
  return { type: 'tool-call', kind: 'function', id, name, input: JSON.stringify(input) }
}

/** Calls at once, of tools that there are. */
function calls(of: readonly Tool[], maximum: number): fc.Arbitrary<readonly ContentPart[]> {
  return fc
    .uniqueArray(fc.tuple(fc.constantFrom(...of), callId, jsonObject, visibleText), {
      minLength: 1,
      maxLength: maximum,
      selector: ([, id]) => id,
    })
    .map((list) => list.map((call) => callOf(...call)))
}

const userTurn: fc.Arbitrary<ChatMessage> = fc
  .oneof(visibleText, fc.array(fc.oneof({ weight: 2, arbitrary: textPart }, image), { minLength: 1, maxLength: 3 }))
  .map((content) => ({ role: 'user', content }))

const spokenTurn: fc.Arbitrary<ChatMessage> = fc
  .tuple(fc.option(reasoningPart, { nil: undefined }), fc.array(textPart, { minLength: 1, maxLength: 2 }))
  .map(([reasoning, texts]) => ({ role: 'assistant', content: [...(reasoning ? [reasoning] : []), ...texts] }))

function calledTurn(of: readonly Tool[]): fc.Arbitrary<readonly ChatMessage[]> {
  return fc
    .tuple(
      fc.option(reasoningPart, { nil: undefined }),
      fc.option(textPart, { nil: undefined }),
      calls(of, 3),
      fc.array(fc.record({ content: visibleText, isError: fc.boolean() }, { requiredKeys: ['content'] }), {
        minLength: 3,
        maxLength: 3,
      }),
    )
    .map(([reasoning, said, made, results]): ChatMessage[] => {
      const content = [reasoning, said, ...made].filter((part) => part !== undefined)
      return [
        { role: 'assistant', content },
        ...made.map((call, at): ChatMessage => ({
          role: 'tool',
          toolCallId: (call as { id: string }).id,
          ...results[at]!,
        })),
      ]
    })
}

const systemTurn: fc.Arbitrary<ChatMessage> = fc
  .tuple(fc.constantFrom('system' as const, 'developer' as const), visibleText)
  .map(([role, content]) => ({ role, content }))

function conversation(of: readonly Tool[] | undefined): fc.Arbitrary<readonly ChatMessage[]> {
  const answered =
    of === undefined
      ? spokenTurn.map((turn) => [turn])
      : fc.oneof(
          spokenTurn.map((turn) => [turn]),
          calledTurn(of),
        )
  const rounds = fc.array(fc.tuple(userTurn, answered), { maxLength: 2 })
  return fc
    .tuple(fc.option(systemTurn, { nil: undefined }), rounds, userTurn)
    .map(([system, said, last]) => [
      ...(system ? [system] : []),
      ...said.flatMap(([asked, answer]) => [asked, ...answer]),
      last,
    ])
}

/** As names of models say what they take. */
const model = fc.constantFrom(
  'gpt-5.2',
  'claude-sonnet-4-5',
  'claude-opus-4-6',
  'claude-3-5-haiku',
  'gemini-2.5-flash',
  'gemini-3-pro',
  'other',
)

const sampling = fc.record(
  {
    temperature: fc.constantFrom(0, 0.25, 0.7, 1),
    topP: fc.constantFrom(0.1, 0.95, 1),
    topK: fc.integer({ min: 1, max: 100 }),
  },
  { requiredKeys: [] },
)
const effort = fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh')
const reasoning = fc.record({ reasoning: fc.record({ effort }) })

const settings = fc.record(
  {
    maxOutputTokens: fc.integer({ min: 1, max: 4096 }),
    frequencyPenalty: fc.constantFrom(-1, 0, 0.5),
    presencePenalty: fc.constantFrom(-1, 0, 0.5),
    stop: fc.oneof(visibleText, fc.array(visibleText, { minLength: 1, maxLength: 4 })),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    choiceCount: fc.integer({ min: 1, max: 3 }),
    logprobs: fc.constant(true),
    user: identifier,
    metadata: fc.dictionary(identifier, visibleText, { maxKeys: 2, noNullPrototype: true }),
    stream: fc.boolean(),
    verbosity: fc.constantFrom('low', 'high'),
    serviceTier: fc.constantFrom('auto', 'default', 'flex', 'priority'),
    responseFormat: fc.oneof(
      fc.constant({ type: 'json' as const }),
      fc.record(
        { type: fc.constant('json-schema' as const), name: identifier, schema, strict: fc.boolean() },
        { requiredKeys: ['type', 'name', 'schema'] },
      ),
    ),
  },
  { requiredKeys: [] },
)

function toolSettings(of: readonly Tool[]): fc.Arbitrary<Pick<ChatRequest, 'toolChoice' | 'parallelToolCalls'>> {
  const named = of.flatMap((tool) =>
    tool.type === 'provider' ? [] : [{ type: 'tool' as const, kind: tool.type, name: tool.name }],
  )
  const plain = (['none', 'auto', 'required'] as const).map((type) => ({ type }))
  return fc.record(
    {
      toolChoice: fc.constantFrom<NonNullable<ChatRequest['toolChoice']>>(...plain, ...named),
      parallelToolCalls: fc.boolean(),
    },
    { requiredKeys: [] },
  )
}

/** A request as no wire has written it: it carries nothing that only one wire knows. */
export const chatRequest: fc.Arbitrary<ChatRequest> = fc.option(tools(true), { nil: undefined }).chain((of) =>
  fc
    .tuple(
      model,
      conversation(of),
      settings,
      // One shuts out the other at several providers, and then what is kept depends on both.
      fc.oneof(sampling, reasoning),
      of === undefined ? fc.constant({}) : toolSettings(of),
    )
    .map(([name, messages, wishes, thinking, choice]) => ({
      model: name,
      messages,
      ...wishes,
      ...thinking,
      ...(of !== undefined && { tools: of }),
      ...choice,
    })),
)

const count = fc.nat({ max: 1_000_000 })
const usage: fc.Arbitrary<Usage> = fc
  .record({ input: count, cacheRead: count, cacheWrite: count, output: count, reasoning: count })
  .map((counts) => ({ ...noUsage, ...counts }))

const answerTools = tools(false)

/** An answer to someone who may have named these tools. */
export const chatResult: fc.Arbitrary<ChatResult> = answerTools
  .chain((of) =>
    fc.record({
      id: identifier,
      created: fc.integer({ min: 1_500_000_000, max: 2_000_000_000 }),
      reasoning: fc.option(reasoningPart, { nil: undefined }),
      said: fc.option(textPart, { nil: undefined }),
      made: fc.option(calls(of, 3), { nil: [] as readonly ContentPart[] }),
      finishReason: fc.constantFrom('stop' as const, 'length' as const, 'content-filter' as const),
      usage: fc.option(usage, { nil: undefined }),
    }),
  )
  .map(({ id, created, reasoning, said, made, finishReason, usage: counts }) => {
    const content = [reasoning, said, ...made].filter((part) => part !== undefined)
    return {
      id,
      created,
      model: 'small',
      choices: [{ index: 0, content, finishReason: made.length > 0 ? 'tool-calls' : finishReason }],
      ...(counts !== undefined && { usage: counts }),
    }
  })

/** The answer as a stream whose deltas are split anywhere, within surrogate pairs too. */
export function inPieces(result: ChatResult): fc.Arbitrary<readonly ChatEvent[]> {
  return fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }).map((sizes) => {
    let turn = 0
    const pieces = (said: string): readonly string[] => {
      const list: string[] = []
      for (let at = 0; at < said.length;) {
        const size = sizes[turn++ % sizes.length] ?? 1
        list.push(said.slice(at, at + size))
        at += size
      }
      return list
    }
    return unfoldChatResult(result).flatMap((event): readonly ChatEvent[] => {
      if (event.type === 'text-delta') return pieces(event.text).map((piece) => ({ ...event, text: piece }))
      if (event.type === 'tool-input-delta') return pieces(event.input).map((input) => ({ ...event, input }))
      return [event]
    })
  })
}
