import { expect, it } from 'vitest'
import { buildConfig } from '../config/build-config.ts'
import { destinationFor, modelsDestination } from '../provider-kit/destination.ts'
import { providers as presets } from '../providers.generated.ts'

it.each([
  [undefined, 'https://api.anthropic.com/v1/messages'],
  ['https://api.anthropic.com', 'https://api.anthropic.com/v1/messages'],
  ['https://api.anthropic.com/v1/', 'https://api.anthropic.com/v1/messages'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/v1/messages'],
  ['http://127.0.0.1:8080/v1', 'http://127.0.0.1:8080/v1/messages'],
])('the base URL %s leads to %s', (url, expected) => {
  const environment = { ANTHROPIC_API_KEY: 'sk-ant-1', ...(url === undefined ? {} : { ANTHROPIC_BASE_URL: url }) }
  const [provider] = buildConfig({ presets, input: {}, environment }).providers.filter(({ id }) => id === 'anthropic')
  const { origin, path, headers } = destinationFor(provider!, '/messages')
  expect(`${origin}${path}`).toBe(expected)
  expect(headers[headers.indexOf('x-api-key') + 1]).toBe('sk-ant-1')
  expect(modelsDestination(provider!)?.headers).toContain('anthropic-version')
})
