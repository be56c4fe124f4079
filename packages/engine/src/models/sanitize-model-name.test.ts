import { expect, it } from 'vitest'
import { sanitizeModelName } from './sanitize-model-name.ts'

it.each([
  'gpt-6-sol',
  'openai/gpt-oss-120b',
  '@cf/openai/gpt-oss-120b',
  'accounts/fireworks/models/deepseek-v4p1-flash',
  'us.anthropic.claude-haiku-4-5-20251001-v1:0',
  'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0',
  'ft:gpt-4o-mini-2024-07-18:acme::abc123',
  'hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M',
  'org/model:fastest',
  '~anthropic/claude-sonnet-latest',
  'claude-sonnet@20250929',
  'openai_compatible:gpt-4o',
  'Qwen 3 local',
  'a..b',
  'a'.repeat(256),
])('takes %s as it is', (name) => {
  expect(sanitizeModelName(name)).toBe(name)
})

it.each([
  '',
  'a'.repeat(257),
  '../../admin',
  'a/../b',
  'a/..',
  './a',
  '/etc/passwd',
  'a//b',
  'a/',
  'https://evil.test/v1',
  '//evil.test',
  'gpt?x=1',
  'gpt#x',
  'gpt%2e%2e',
  'a\\b',
  'a\nb',
  'a\u0000b',
  'a\r\nX-Evil: 1',
  ' gpt',
  'gpt ',
  'a  b',
  'modèle',
  'a{b}',
  'a&b',
])('refuses %j', (name) => {
  expect(() => sanitizeModelName(name)).toThrow(
    expect.objectContaining({ code: 'invalid_model_name', status: 400, param: 'model' }),
  )
})
