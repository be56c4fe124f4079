import { describe, expect, it } from 'vitest'
import { modelsDestination } from '../provider-kit/destination.ts'
import { providers as presets } from '../providers.generated.ts'
import { readConfig } from './build-config.ts'
import type { ConfiguredProvider } from './config.ts'
import { formatProblem } from './config-problem.ts'
import type { ConfigInput } from './schema.ts'

function read(input: ConfigInput, environment: Record<string, string> = {}) {
  const { config, problems, warnings } = readConfig({ presets, input, environment })
  return {
    providers: config?.providers ?? [],
    problems: problems.map(formatProblem),
    warnings: warnings.map(formatProblem),
  }
}

function only(input: ConfigInput, environment: Record<string, string> = {}): ConfiguredProvider {
  const { providers, problems } = read(input, environment)
  expect(problems).toEqual([])
  expect(providers).toHaveLength(1)
  return providers[0]!
}

const entra = { AZURE_TENANT_ID: 'tenant-1', AZURE_CLIENT_ID: 'client-1', AZURE_CLIENT_SECRET: 'very-secret-value' }

describe('Azure OpenAI', () => {
  it.each([
    [{ AZURE_OPENAI_ENDPOINT: 'https://res.openai.azure.com/' }, 'https://res.openai.azure.com/openai/v1'],
    [{ AZURE_OPENAI_ENDPOINT: 'https://res.services.ai.azure.com' }, 'https://res.services.ai.azure.com/openai/v1'],
    [{ AZURE_RESOURCE_NAME: 'res' }, 'https://res.openai.azure.com/openai/v1'],
    [{ AZURE_RESOURCE_NAME: 'res', OPENAI_API_VERSION: 'preview' }, 'https://res.openai.azure.com/openai/v1'],
    [
      { AZURE_OPENAI_ENDPOINT: 'https://res.openai.azure.com', OPENAI_API_VERSION: '2024-10-21' },
      'https://res.openai.azure.com/openai?api-version=2024-10-21',
    ],
    [
      { AZURE_RESOURCE_NAME: 'res', OPENAI_API_VERSION: '2025-04-01-preview' },
      'https://res.openai.azure.com/openai?api-version=2025-04-01-preview',
    ],
    [
      { AZURE_OPENAI_ENDPOINT: 'https://res.openai.azure.com/openai/v1', OPENAI_API_VERSION: '2024-10-21' },
      'https://res.openai.azure.com/openai/v1',
    ],
  ])('is where %o says', (environment, baseUrl) => {
    const provider = only({}, { AZURE_OPENAI_API_KEY: 'k', ...environment })
    expect(provider).toMatchObject({ id: 'azure-openai', baseUrl })
    expect(modelsDestination(provider)?.headers ?? ['k']).toContain('k')
  })

  it('takes the credentials of an application where there is no key', () => {
    const provider = only({}, { AZURE_RESOURCE_NAME: 'res', ...entra })
    expect(provider.apiKey).toBeUndefined()
    expect(provider.identity?.credentials['client_secret']?.reveal()).toBe('very-secret-value')
    expect(JSON.stringify(provider)).not.toContain('very-secret')
    expect(only({}, { AZURE_RESOURCE_NAME: 'res', ...entra, AZURE_OPENAI_API_KEY: 'k' }).identity).toBeUndefined()
  })

  it('lets written credentials win over a key in the environment', () => {
    const credentials = { tenant_id: 't', client_id: 'c', client_secret: 's' }
    const input = { providers: { azure_openai: { settings: { resource: 'res' }, credentials } } }
    expect(only(input, { AZURE_OPENAI_API_KEY: 'k' })).toMatchObject({
      apiKey: undefined,
      identity: { scheme: { type: 'client-credentials' } },
    })
  })

  it('says which credential is missing', () => {
    const input = {
      providers: { 'azure-openai': { settings: { resource: 'res' }, credentials: { tenant_id: 't', client_id: 'c' } } },
    }
    expect(read(input).problems).toEqual([
      'providers.azure-openai.credentials.client_secret: Azure OpenAI needs it beside its other credentials, or set AZURE_CLIENT_SECRET',
    ])
  })

  it('says what there is in place of a key', () => {
    const { problems } = read({ providers: { 'azure-openai': { settings: { resource: 'res' } } } })
    expect(problems.join()).toMatch(
      /give api_key, or set AZURE_OPENAI_API_KEY .*; or give credentials: tenant_id, client_id, client_secret/,
    )
  })
})

describe('Vertex', () => {
  const file = { GOOGLE_APPLICATION_CREDENTIALS: '/keys/google.json' }

  it.each([
    [{ ...file, GOOGLE_VERTEX_PROJECT: 'p-1' }, 'https://aiplatform.googleapis.com/v1/projects/p-1/locations/global'],
    [
      { ...file, GOOGLE_CLOUD_PROJECT: 'p-1', GOOGLE_VERTEX_LOCATION: 'europe-west4' },
      'https://europe-west4-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west4',
    ],
    [{ GOOGLE_VERTEX_API_KEY: 'express' }, 'https://aiplatform.googleapis.com/v1'],
  ])('is where %o says', (environment, baseUrl) => {
    expect(only({}, environment)).toMatchObject({ id: 'vertex', baseUrl })
  })
})

describe('Bedrock', () => {
  const credentials = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'very-secret-value' }

  it.each([
    ['eu-central-1', 'https://bedrock-runtime.eu-central-1.amazonaws.com'],
    ['cn-north-1', 'https://bedrock-runtime.cn-north-1.amazonaws.com.cn'],
    ['eusc-de-east-1', 'https://bedrock-runtime.eusc-de-east-1.amazonaws.eu'],
  ])('is in the region %s', (region, baseUrl) => {
    expect(only({}, { AWS_BEARER_TOKEN_BEDROCK: 'k', AWS_REGION: region })).toMatchObject({ id: 'bedrock', baseUrl })
    expect(only({}, { AWS_BEARER_TOKEN_BEDROCK: 'k', AWS_DEFAULT_REGION: region })).toMatchObject({ baseUrl })
    expect(only({ providers: { bedrock: { settings: { region } } } }, credentials)).toMatchObject({ baseUrl })
  })

  it('says that it needs a region', () => {
    expect(read({ providers: { bedrock: { api_key: 'k' } } }).problems.join()).toMatch(
      /AWS_REGION or AWS_DEFAULT_REGION, or settings.region/,
    )
  })

  it('takes credentials that serve many programs only where it is named', () => {
    const environment = { ...credentials, AWS_SESSION_TOKEN: 'session', AWS_REGION: 'us-east-1' }
    expect(read({}, environment).providers).toEqual([])
    const { identity, apiKey } = only({ providers: { bedrock: {} } }, environment)
    expect(apiKey).toBeUndefined()
    expect(identity).toMatchObject({
      scheme: { type: 'aws-sigv4', service: 'bedrock' },
      settings: { region: 'us-east-1' },
    })
    expect(identity?.credentials['session_token']?.reveal()).toBe('session')
    const withKey = only({ providers: { bedrock: {} } }, { ...environment, AWS_BEARER_TOKEN_BEDROCK: 'k' })
    expect(withKey.identity).toBeUndefined()
  })

  it('has an endpoint that speaks OpenAI, with a key of its own', () => {
    const environment = { BEDROCK_MANTLE_API_KEY: 'k', AWS_REGION: 'us-west-2' }
    expect(only({}, environment)).toMatchObject({
      id: 'bedrock-mantle',
      baseUrl: 'https://bedrock-mantle.us-west-2.api.aws/openai/v1',
    })
  })
})

it('refuses quirks that nobody knows', () => {
  const { problems } = read({ providers: { groq: { api_key: 'k', quirks: ['drop:seed', 'dropp:seed'] } } })
  expect(problems).toEqual([
    'providers.groq.quirks[1]: no quirk of this name is known; docs/providers.md lists them; found "dropp:seed"',
  ])
})

it('takes quirks in place of those of the preset', () => {
  const { preset } = only({ providers: { mistral: { api_key: 'k', quirks: ['drop:seed@open-*'] } } })
  expect(preset.quirks).toMatchObject([{ name: 'drop:seed@open-*', models: ['open-*'] }])
  expect(only({ providers: { mistral: { api_key: 'k', quirks: [] } } }).preset.quirks).toEqual([])
})
