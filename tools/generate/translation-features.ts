import type { ChatRequest, ContentPart, EmbedRequest } from '../../packages/protocol/src/index.ts'

/** Something that a request may say, alone and beside a plain question. */
export interface RequestFeature {
  readonly name: string
  readonly request: Partial<ChatRequest>
}

/** Something that an answer may hold. */
export interface AnswerFeature {
  readonly name: string
  readonly part: ContentPart
}

const tool = { type: 'function', name: 'look', parameters: { type: 'object', properties: {} } } as const
const user = (content: string | readonly ContentPart[]): Partial<ChatRequest> => ({
  messages: [{ role: 'user', content }],
})

export const requestFeatures: readonly RequestFeature[] = [
  {
    name: 'system prompt',
    request: {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
    },
  },
  { name: 'token limit', request: { maxOutputTokens: 100 } },
  { name: 'temperature', request: { temperature: 0.5 } },
  { name: 'top_p', request: { topP: 0.9 } },
  { name: 'top_k', request: { topK: 40 } },
  { name: 'stop sequences', request: { stop: ['END'] } },
  { name: 'frequency penalty', request: { frequencyPenalty: 0.5 } },
  { name: 'presence penalty', request: { presencePenalty: 0.5 } },
  { name: 'seed', request: { seed: 7 } },
  { name: 'several answers (n)', request: { choiceCount: 2 } },
  { name: 'logit bias', request: { logitBias: { '42': 5 } } },
  { name: 'log probabilities', request: { logprobs: true, topLogprobs: 2 } },
  { name: 'function tools', request: { tools: [tool] } },
  { name: 'custom tools', request: { tools: [{ type: 'custom', name: 'shell' }] } },
  { name: 'tool choice: required', request: { tools: [tool], toolChoice: { type: 'required' } } },
  {
    name: 'tool choice: one tool',
    request: { tools: [tool], toolChoice: { type: 'tool', kind: 'function', name: 'look' } },
  },
  { name: 'tool choice: none', request: { tools: [tool], toolChoice: { type: 'none' } } },
  { name: 'no parallel tool calls', request: { tools: [tool], parallelToolCalls: false } },
  { name: 'JSON answer', request: { responseFormat: { type: 'json' } } },
  {
    name: 'JSON answer by schema',
    request: { responseFormat: { type: 'json-schema', name: 'a', schema: tool.parameters, strict: true } },
  },
  { name: 'reasoning effort', request: { reasoning: { effort: 'low' } } },
  {
    name: 'image, inline',
    request: user([{ type: 'image', media: { from: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } }]),
  },
  {
    name: 'image, by URL',
    request: user([{ type: 'image', media: { from: 'url', url: 'https://example.com/a.png' } }]),
  },
  {
    name: 'image detail',
    request: user([{ type: 'image', detail: 'low', media: { from: 'url', url: 'https://example.com/a.png' } }]),
  },
  { name: 'audio input', request: user([{ type: 'audio', data: 'UklGRg==', format: 'wav' }]) },
  {
    name: 'PDF, inline',
    request: user([
      { type: 'file', filename: 'a.pdf', media: { from: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' } },
    ]),
  },
  { name: 'audio output', request: { modalities: ['text', 'audio'], audio: { format: 'wav', voice: 'alloy' } } },
  { name: 'end user', request: { user: 'user-1' } },
  { name: 'metadata', request: { metadata: { team: 'search' } } },
  { name: 'service tier', request: { serviceTier: 'flex' } },
  { name: 'stored answers', request: { store: true } },
  { name: 'verbosity', request: { verbosity: 'low' } },
  {
    name: 'reasoning in the history',
    request: {
      messages: [
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm' },
            { type: 'text', text: 'Hello' },
          ],
        },
        { role: 'user', content: 'Go on' },
      ],
    },
  },
]

export const answerFeatures: readonly AnswerFeature[] = [
  { name: 'text', part: { type: 'text', text: 'Hi' } },
  {
    name: 'citation',
    part: {
      type: 'text',
      text: 'Hi',
      annotations: [{ type: 'url-citation', url: 'https://example.com', title: 'Example', start: 0, end: 2 }],
    },
  },
  { name: 'refusal', part: { type: 'refusal', text: 'No.' } },
  { name: 'reasoning', part: { type: 'reasoning', text: 'Hm' } },
  { name: 'reasoning with a signature', part: { type: 'reasoning', text: 'Hm', signature: 'c2ln' } },
  { name: 'encrypted reasoning', part: { type: 'reasoning', text: '', encrypted: 'c2ln' } },
  { name: 'function call', part: { type: 'tool-call', kind: 'function', id: 'call_1', name: 'look', input: '{}' } },
  { name: 'custom tool call', part: { type: 'tool-call', kind: 'custom', id: 'call_1', name: 'shell', input: 'ls' } },
  { name: 'audio', part: { type: 'audio', id: 'audio_1', data: 'UklGRg==', transcript: 'Hi' } },
  { name: 'image', part: { type: 'image', media: { from: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } } },
]

/** Of a request for the embedding of one text. */
interface EmbedFeature {
  readonly name: string
  readonly request: Partial<EmbedRequest>
}

const picture = { type: 'media', media: { from: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } } as const

export const embedFeatures: readonly EmbedFeature[] = [
  { name: 'a text', request: {} },
  {
    name: 'several texts',
    request: {
      inputs: [
        { type: 'text', text: 'Hi' },
        { type: 'text', text: 'Ho' },
      ],
    },
  },
  { name: 'tokens', request: { inputs: [{ type: 'tokens', tokens: [1] }] } },
  { name: 'an image', request: { inputs: [{ type: 'parts', parts: [picture] }] } },
  {
    name: 'a text with an image',
    request: { inputs: [{ type: 'parts', parts: [{ type: 'text', text: 'Hi' }, picture] }] },
  },
  { name: 'a title', request: { inputs: [{ type: 'text', text: 'Hi', title: 'Greetings' }] } },
  { name: 'dimensions', request: { dimensions: 256 } },
  { name: 'purpose: search', request: { purpose: 'search-query' } },
  { name: 'purpose: similarity', request: { purpose: 'similarity' } },
  { name: 'base64', request: { formats: ['base64'] } },
  { name: 'int8', request: { formats: ['int8'] } },
  { name: 'packed bits', request: { formats: ['binary'] } },
  { name: 'cutting the end', request: { truncate: 'end' } },
  { name: 'cutting the start', request: { truncate: 'start' } },
  { name: 'end user', request: { user: 'u' } },
]
