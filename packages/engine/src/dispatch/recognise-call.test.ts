import { chatDialects, operationDialects } from '@sluice/protocol/dialects'
import { expect, test } from 'vitest'
import { configure } from '../config/configure.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { gemini } from '../providers/gemini.ts'
import { openai } from '../providers/openai.ts'
import { recogniseCall } from './recognise-call.ts'

/** What a call is taken for, and how many times its body was read for that. */
function recognise(preset: Provider, path: string, body: object) {
  let reads = 0
  const dialects = [...chatDialects, ...operationDialects].map((dialect) => ({
    ...dialect,
    peek(bytes: Uint8Array) {
      reads++
      return dialect.peek(bytes)
    },
  }))
  const provider = configure(preset, { apiKey: 'k', baseUrl: 'http://127.0.0.1:9' })
  const found = recogniseCall(dialects, provider, path, new TextEncoder().encode(JSON.stringify(body)))
  return { found: found && [found.dialect.id, found.model, found.stream], reads }
}

/** Names the model in its paths. */
const deployments = defineProvider({
  ...openai,
  speaks: ['openai-chat', 'openai-embeddings'].map((dialect) => ({
    dialect,
    path: `/deployments/{model}/${dialect === 'openai-chat' ? 'chat/completions' : 'embeddings'}?api-version=1`,
  })),
})

test.each<[path: string, preset: Provider, found: [string, string, boolean] | undefined, reads: number]>([
  ['/chat/completions', openai, ['openai-chat', 'm', true], 1],
  ['/embeddings', openai, ['openai-embeddings', 'm', false], 1],
  ['/fine_tuning/jobs', openai, undefined, 0],
  ['/chat/completions/more', openai, undefined, 0],
  ['/models/m:streamGenerateContent', gemini, ['gemini-generate', 'm', true], 0],
  ['/models/other:tuned', gemini, undefined, 0],
  ['/deployments/m/embeddings', deployments, ['openai-embeddings', 'm', false], 1],
  ['/deployments/other/embeddings', deployments, undefined, 1],
  ['/deployments/m/files', deployments, undefined, 0],
])('a call to %s', (path, preset, found, reads) => {
  expect(recognise(preset, path, { model: 'm', input: 'Hi', stream: true })).toEqual({ found, reads })
})
