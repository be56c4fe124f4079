import type { ChatDialect } from '@sluice/protocol'
import { expect, it } from 'vitest'
import { buildConfig } from '../config/build-config.ts'
import type { ConfiguredProvider } from '../config/config.ts'
import { providers as presets } from '../providers.generated.ts'
import { planPath } from './plan.ts'
import { planFor } from './plan-for.ts'

// Of a dialect only its id and path are looked at.
const known = new Map(
  ['openai-chat', 'gemini-generate', 'anthropic-messages'].map((id) => {
    return [id, { id, operation: 'chat', path: () => `/own/${id}` } as unknown as ChatDialect] as const
  }),
)

function only(environment: Record<string, string>): ConfiguredProvider {
  const [provider] = buildConfig({ presets, environment }).providers
  if (provider === undefined) throw new TypeError('no provider')
  return provider
}

function plan(caller: string, provider: ConfiguredProvider, model: string): readonly string[] {
  const dialect = known.get(caller)
  if (dialect === undefined) throw new TypeError(caller)
  const planned = planFor(dialect, provider, model, known)
  return [planned.kind, planned.dialect.id, planPath(planned, model, false), planPath(planned, model, true)]
}

const express = only({ GOOGLE_VERTEX_API_KEY: 'k' })
const deployments = only({ AZURE_OPENAI_API_KEY: 'k', AZURE_RESOURCE_NAME: 'res', OPENAI_API_VERSION: '2024-10-21' })
const v1 = only({ AZURE_OPENAI_API_KEY: 'k', AZURE_RESOURCE_NAME: 'res' })

it.each<[string, ConfiguredProvider, string, readonly string[]]>([
  [
    'gemini-generate',
    express,
    'gemini-3.8-flash',
    [
      'passthrough',
      'gemini-generate',
      '/publishers/google/models/gemini-3.8-flash:generateContent',
      '/publishers/google/models/gemini-3.8-flash:streamGenerateContent?alt=sse',
    ],
  ],
  // Speaking the same is of no use where the model does not.
  [
    'anthropic-messages',
    express,
    'gemini-3.8-flash',
    [
      'translate',
      'gemini-generate',
      '/publishers/google/models/gemini-3.8-flash:generateContent',
      '/publishers/google/models/gemini-3.8-flash:streamGenerateContent?alt=sse',
    ],
  ],
  [
    'openai-chat',
    express,
    'claude-sonnet-5-5',
    [
      'translate',
      'anthropic-messages',
      '/publishers/anthropic/models/claude-sonnet-5-5:rawPredict',
      '/publishers/anthropic/models/claude-sonnet-5-5:streamRawPredict',
    ],
  ],
  [
    'openai-chat',
    deployments,
    'my/../deployment',
    [
      'passthrough',
      'openai-chat',
      '/deployments/my%2F..%2Fdeployment/chat/completions',
      '/deployments/my%2F..%2Fdeployment/chat/completions',
    ],
  ],
  ['openai-chat', v1, 'my-deployment', ['passthrough', 'openai-chat', '/own/openai-chat', '/own/openai-chat']],
])('%s about %o', (caller, provider, model, expected) => {
  expect(plan(caller, provider, model)).toEqual(expected)
})

it('says when a model is out of reach', () => {
  expect(() => plan('openai-chat', express, 'imagen-4')).toThrow(
    expect.objectContaining({ code: 'unsupported_operation' }),
  )
})
