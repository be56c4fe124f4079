import { openaiChat, type ChatDialect } from '@sluice/protocol'
import { chatDialects, translatableDialects } from '@sluice/protocol/dialects'
import { type RecordedRequest, startSimulator } from '@sluice/simulator'
import { afterEach, expect, it } from 'vitest'
import { composeEngine } from '../compose.ts'
import { buildConfig } from '../config/build-config.ts'
import type { ProviderInput } from '../config/schema.ts'
import { providers as presets } from '../providers.generated.ts'
import { createFetchTransport } from '../transport/fetch.ts'
import { Exchange } from './exchange.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** What a call looks like to the cloud; how it answers is of no matter. */
async function callTo(provider: ProviderInput, dialect: ChatDialect, request: object): Promise<RecordedRequest> {
  const simulator = await startSimulator()
  const transport = createFetchTransport()
  closing.push(
    () => transport.close(),
    () => simulator.close(),
  )
  const { origin } = new URL(simulator.url)
  const cloud = { base_url: origin, max_retries: 0, models_path: null, ...provider }
  const config = buildConfig({ presets, input: { providers: { cloud } } })
  const engine = composeEngine(config, presets, transport, { dialects: translatableDialects })
  const bytes = new TextEncoder().encode(JSON.stringify(request))
  const peek = dialect.peek(bytes)
  const exchange = new Exchange('req_1', dialect, bytes, peek, performance.now())
  await engine.attempt(exchange, engine.routeFinder(dialect)(peek.model)).catch(() => undefined)
  const call = simulator.requests.find(({ method }) => method === 'POST')
  if (call === undefined) throw new Error('nothing was sent')
  return call
}

const anthropicMessages = chatDialects.find(({ id }) => id === 'anthropic-messages')!
const messages = [{ role: 'user', content: 'Hi' }]

it('asks Claude on Vertex as Vertex wants it', async () => {
  const settings = { project: 'p-1', location: 'europe-west4' }
  const request = { model: 'cloud/claude-sonnet-5-5', max_tokens: 5, stream: true, messages }
  const call = await callTo({ type: 'vertex', api_key: 'express', settings }, anthropicMessages, request)
  expect(call.path).toBe(
    '/v1/projects/p-1/locations/europe-west4/publishers/anthropic/models/claude-sonnet-5-5:streamRawPredict',
  )
  expect(call.header('x-goog-api-key')).toBe('express')
  expect(call.json()).toEqual({ max_tokens: 5, stream: true, messages, anthropic_version: 'vertex-2023-10-16' })
})

it('asks a deployment of Azure by its path', async () => {
  const settings = { api_version: '2024-10-21', resource: 'res' }
  const call = await callTo({ type: 'azure-openai', api_key: 'key-1', settings }, openaiChat, {
    model: 'cloud/my-model',
    messages,
  })
  expect(call.path).toBe('/openai/deployments/my-model/chat/completions?api-version=2024-10-21')
  expect(call.header('api-key')).toBe('key-1')
  expect(call.header('authorization')).toBeUndefined()
})

it('signs calls to whatever a config says is signed', async () => {
  const credentials = { access_key_id: 'AKIDEXAMPLE', secret_access_key: 'secret', session_token: 'session' }
  const provider: ProviderInput = {
    type: 'openai_compatible',
    auth: { type: 'aws_sigv4', service: 'bedrock' },
    credentials,
    settings: { region: 'eu-central-1' },
  }
  const call = await callTo(provider, openaiChat, { model: 'cloud/any', messages })
  expect(call.header('x-amz-security-token')).toBe('session')
  expect(call.header('authorization')).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, /,
  )
})
