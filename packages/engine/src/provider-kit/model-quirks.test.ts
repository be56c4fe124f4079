import type { Warning } from '@sluice/protocol'
import { describe, expect, it } from 'vitest'
import { quirksFor } from '../dispatch/quirks.ts'
import { providers } from '../providers.generated.ts'

interface Sent {
  readonly request: unknown
  readonly warned: readonly string[]
}

function send(provider: string, dialect: string, model: string, request: object): Sent {
  const warnings: Warning[] = []
  const quirks = quirksFor(providers.find(({ id }) => id === provider)?.quirks, dialect, model)
  const changed = quirks?.apply(request, { warn: (warning) => void warnings.push(warning) }) ?? request
  return { request: changed, warned: warnings.map(({ path }) => path) }
}

const sampled = { temperature: 0.2, top_p: 0.9 }

describe('what models refuse', () => {
  it.each<[provider: string, dialect: string, model: string, request: object, sent: object, warned: readonly string[]]>(
    [
      ['openai', 'openai-chat', 'gpt-4o', { ...sampled, max_tokens: 5 }, { ...sampled, max_tokens: 5 }, []],
      ['openai', 'openai-chat', 'gpt-5-chat-latest', sampled, sampled, []],
      [
        'openai',
        'openai-chat',
        'gpt-6-sol',
        { ...sampled, max_tokens: 5 },
        { max_completion_tokens: 5 },
        ['temperature', 'top_p'],
      ],
      ['openai', 'openai-chat', 'gpt-5.2', sampled, sampled, []],
      [
        'openai',
        'openai-chat',
        'gpt-5.2',
        { ...sampled, reasoning_effort: 'none' },
        { ...sampled, reasoning_effort: 'none' },
        [],
      ],
      [
        'openai',
        'openai-chat',
        'gpt-5.2',
        { ...sampled, reasoning_effort: 'high' },
        { reasoning_effort: 'high' },
        ['temperature', 'top_p'],
      ],
      ['openai', 'openai-chat', 'gpt-6-astra', { reasoning_effort: 'none' }, { reasoning_effort: 'low' }, []],
      ['openai', 'openai-chat', 'gpt-6-luna', { reasoning_effort: 'none' }, { reasoning_effort: 'none' }, []],
      ['openai', 'openai-responses', 'o3', { ...sampled, input: 'x' }, { input: 'x' }, ['temperature', 'top_p']],
      [
        'azure-openai',
        'openai-chat',
        'o4-mini',
        { stop: ['x'], max_tokens: 5 },
        { max_completion_tokens: 5 },
        ['stop'],
      ],
      ['xai', 'openai-chat', 'grok-4.7', { stop: 'x', temperature: 1 }, { temperature: 1 }, ['stop']],
      [
        'xai',
        'openai-chat',
        'grok-4.20-non-reasoning',
        { stop: 'x', reasoning_effort: 'low' },
        { stop: 'x' },
        ['reasoning_effort'],
      ],
      ['moonshot', 'openai-chat', 'kimi-k3', { temperature: 0.2, seed: 1 }, {}, ['seed', 'temperature']],
      [
        'moonshot',
        'openai-chat',
        'kimi-k2.5',
        { temperature: 2, tool_choice: 'required' },
        { temperature: 1 },
        ['temperature', 'tool_choice'],
      ],
      [
        'minimax',
        'openai-chat',
        'MiniMax-M3',
        { temperature: 0, logit_bias: {} },
        { temperature: 0.01 },
        ['temperature', 'logit_bias'],
      ],
      [
        'deepseek',
        'openai-chat',
        'deepseek-v4-pro',
        { reasoning_effort: 'none' },
        { thinking: { type: 'disabled' } },
        [],
      ],
      ['anthropic', 'anthropic-messages', 'claude-sonnet-4-5', sampled, sampled, []],
      [
        'anthropic',
        'anthropic-messages',
        'claude-sonnet-5',
        { temperature: 1, top_k: 4 },
        { temperature: 1 },
        ['top_k'],
      ],
      [
        'vertex',
        'anthropic-messages',
        'claude-opus-5-5@20260801',
        { ...sampled, tool_choice: { type: 'any' } },
        { tool_choice: { type: 'auto' }, anthropic_version: 'vertex-2023-10-16' },
        ['temperature', 'top_p', 'tool_choice'],
      ],
      [
        'anthropic',
        'anthropic-messages',
        'claude-fable-5',
        { tool_choice: { type: 'any' } },
        { tool_choice: { type: 'any' } },
        [],
      ],
      [
        'anthropic',
        'anthropic-messages',
        'claude-fable-5-20260612',
        { tool_choice: { type: 'any' } },
        { tool_choice: { type: 'any' } },
        [],
      ],
      [
        'anthropic',
        'anthropic-messages',
        'claude-fable-5-1',
        { tool_choice: { type: 'any' } },
        { tool_choice: { type: 'auto' } },
        ['tool_choice'],
      ],
      [
        'anthropic',
        'anthropic-messages',
        'claude-fable-5-2-20261019',
        { tool_choice: { type: 'any' } },
        { tool_choice: { type: 'auto' } },
        ['tool_choice'],
      ],
    ],
  )('%s by %s: %s takes of %j', (provider, dialect, model, request, sent, warned) => {
    expect(send(provider, dialect, model, request)).toEqual({ request: sent, warned })
  })
})
