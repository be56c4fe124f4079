import type { ErrorCode } from '../../../errors/codes.ts'

const head = { modelVersion: 'gemini-3.8-flash', responseId: 'r-1_x' }

function candidate(parts: readonly unknown[], members: object = {}): object {
  return { content: { parts, role: 'model' }, index: 0, ...members }
}

const chunk = (candidates: readonly unknown[], usage?: object): object => ({
  candidates,
  ...(usage && { usageMetadata: usage }),
  ...head,
})

function events(chunks: readonly object[], lineEnd = '\n'): Uint8Array {
  return new TextEncoder().encode(chunks.map((wire) => `data: ${JSON.stringify(wire)}${lineEnd}${lineEnd}`).join(''))
}

const usage = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 }
const stop = { finishReason: 'STOP' }

const text = [
  chunk([candidate([{ text: 'Sunny' }])], { promptTokenCount: 10, totalTokenCount: 10 }),
  chunk([candidate([{ text: ' — 20 °C 👋🏽' }])], usage),
  chunk([candidate([{ text: '.' }], stop)], usage),
]

/** Those with the name of a result say the same. */
export const streams: Readonly<Record<string, Uint8Array>> = {
  text: events(text, '\r\n'),
  'parallel calls': events([
    chunk([candidate([{ text: 'Let me ', thought: true }])]),
    chunk([candidate([{ text: 'think.', thought: true }, { text: 'Let me look.' }])]),
    chunk([candidate([{ functionCall: { name: 'get_weather', args: { city: 'Oslo' } }, thoughtSignature: 'c2ln' }])]),
    chunk([candidate([{ functionCall: { id: 'fc_2', name: 'now', args: {} } }])]),
    chunk([{ finishReason: 'STOP', index: 0 }], {
      promptTokenCount: 10,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 3,
      totalTokenCount: 18,
    }),
  ]),
  grounded: events([
    chunk([candidate([{ text: 'Über Oslo ' }])]),
    chunk(
      [
        candidate([{ text: 'scheint die Sonne.' }], {
          ...stop,
          groundingMetadata: {
            groundingChunks: [
              { web: { uri: 'https://a.example', title: 'a' } },
              { web: { uri: 'https://b.example', title: 'b' } },
            ],
            groundingSupports: [{ segment: { startIndex: 6, endIndex: 10 }, groundingChunkIndices: [0, 1] }],
          },
        }),
      ],
      usage,
    ),
  ]),
  media: events([
    chunk([candidate([{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }])]),
    chunk([
      candidate([
        { inlineData: { mimeType: 'audio/L16;codec=pcm;rate=24000', data: 'AAAA' } },
        { executableCode: { language: 'PYTHON', code: '1' } },
      ]),
    ]),
    chunk([candidate([], stop)], usage),
  ]),
  'two candidates': events([
    chunk([candidate([{ text: 'A' }])]),
    chunk([candidate([{ text: 'B' }], { index: 1, finishReason: 'SAFETY' })]),
    chunk([candidate([], stop)], usage),
  ]),
  blocked: events([
    {
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
      usageMetadata: { promptTokenCount: 10, totalTokenCount: 10 },
      ...head,
    },
  ]),
  'a signature at the end': events([
    chunk([candidate([{ text: 'Sunny.' }])]),
    chunk(
      [
        candidate([{ text: '', thoughtSignature: 'c2ln' }], {
          ...stop,
          safetyRatings: [{ category: 'X', probability: 'LOW' }],
        }),
      ],
      usage,
    ),
  ]),
  'log probabilities': events([
    chunk([candidate([{ text: 'A' }], { logprobsResult: { chosenCandidates: [{ token: 'A', logProbability: -1 }] } })]),
    chunk([candidate([], stop)], usage),
  ]),
  'as an array': new TextEncoder().encode(JSON.stringify(text, null, 2)),
}

const raw = (body: string): Uint8Array => new TextEncoder().encode(body)
const error = { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }

export const failures: Readonly<Record<string, { bytes: Uint8Array; code: ErrorCode }>> = {
  'an error event': { bytes: events([...text.slice(0, 2), error]), code: 'upstream_overloaded' },
  'an error in an array': { bytes: raw(JSON.stringify([error])), code: 'upstream_overloaded' },
  cut: { bytes: events(text.slice(0, 2)), code: 'upstream_disconnected' },
  'one candidate cut': {
    bytes: events([chunk([candidate([{ text: 'A' }], stop)]), chunk([candidate([{ text: 'B' }], { index: 1 })])]),
    code: 'upstream_disconnected',
  },
  'usage only': { bytes: events([{ usageMetadata: usage, ...head }]), code: 'upstream_disconnected' },
  empty: { bytes: raw(''), code: 'upstream_disconnected' },
  html: { bytes: raw('<!doctype html><html></html>'), code: 'upstream_invalid_response' },
  'broken JSON': { bytes: raw('data: {"candidates":[{"con\n\ndata: {}\n\n'), code: 'upstream_invalid_response' },
}
