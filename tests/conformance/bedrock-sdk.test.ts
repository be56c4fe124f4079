import { createRequire } from 'node:module'
import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  type Message,
  ThrottlingException,
  type ToolConfiguration,
} from '@aws-sdk/client-bedrock-runtime'
import { chatDialects } from '@sluice/protocol/dialects'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** AWS's own client, unmodified, with a provider of each dialect behind the gateway. */
let world: TestGateway
let client: BedrockRuntimeClient

/** The SDK's own handler of HTTP/1.1; on its own this client speaks HTTP/2. */
const { NodeHttpHandler } = createRequire(import.meta.resolve('@aws-sdk/client-bedrock-runtime'))(
  '@smithy/node-http-handler',
) as { readonly NodeHttpHandler: new () => NonNullable<BedrockRuntimeClientConfig['requestHandler']> }

function clientFor(endpoint: string, options: BedrockRuntimeClientConfig): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    endpoint,
    region: 'eu-central-1',
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
    ...options,
  })
}

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
const withToken = (token: string): BedrockRuntimeClientConfig => ({
  token: { token },
  authSchemePreference: ['httpBearerAuth'],
})

beforeAll(async () => {
  world = await startTestGateway({
    config: { server: { keys: ['caller-key'] } },
    providers: ({ url }) =>
      Object.fromEntries(
        chatDialects.map(({ id }) => [
          `via-${id}`,
          {
            type: 'openai_compatible',
            base_url: url,
            api_key: 'upstream-key',
            max_retries: 0,
            speaks: [id],
            models: ['small'],
            models_path: null,
          },
        ]),
      ),
  })
  client = clientFor(world.gateway.url, withToken('caller-key'))
})

beforeEach(() => world.simulator.reset())

afterAll(async () => {
  client.destroy()
  await world.close()
})

const asked: Message = { role: 'user', content: [{ text: 'Weather in Oslo?' }] }
const toolConfig: ToolConfiguration = {
  tools: [
    {
      toolSpec: {
        name: 'get_weather',
        description: 'The weather',
        inputSchema: { json: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
      },
    },
  ],
}

async function eventsOf(input: ConverseCommandInput): Promise<ConverseStreamOutput[]> {
  const { stream } = await client.send(new ConverseStreamCommand(input))
  const events: ConverseStreamOutput[] = []
  for await (const event of stream ?? []) events.push(event)
  return events
}

const textOf = (events: readonly ConverseStreamOutput[]): string =>
  events.map((event) => event.contentBlockDelta?.delta?.text ?? '').join('')

describe.each(chatDialects.map(({ id }) => [id]))('with a provider that speaks %s', (id) => {
  const modelId = `via-${id}/small`

  test('an answer', async () => {
    world.simulator.always({ reply: { text: 'Sunny.', usage: { input: 12, output: 3 } } })
    const answer = await client.send(
      new ConverseCommand({
        modelId,
        messages: [asked],
        system: [{ text: 'Be brief.' }],
        inferenceConfig: { maxTokens: 100, temperature: 0.5 },
      }),
    )
    expect(answer.output?.message).toEqual({ role: 'assistant', content: [{ text: 'Sunny.' }] })
    expect(answer).toMatchObject({
      stopReason: 'end_turn',
      usage: { inputTokens: 12, outputTokens: 3, totalTokens: 15 },
    })
    expect(JSON.stringify(world.simulator.requests.at(-1)?.json())).toContain('Be brief.')
  })

  test('a stream', async () => {
    world.simulator.always({ reply: { text: ['It ', 'is ', 'sunny ☀.'], usage: { input: 12, output: 3 } } })
    const events = await eventsOf({ modelId, messages: [asked] })
    expect(textOf(events)).toBe('It is sunny ☀.')
    expect(events[0]?.messageStart).toMatchObject({ role: 'assistant' })
    expect(events.at(-2)?.messageStop?.stopReason).toBe('end_turn')
    expect(events.at(-1)?.metadata?.usage).toMatchObject({ inputTokens: 12, outputTokens: 3, totalTokens: 15 })
  })

  test('an image', async () => {
    const bytes = Uint8Array.of(0x89, 0x50, 0x4e, 0x47)
    const content: ContentBlock[] = [{ text: 'What is this?' }, { image: { format: 'png', source: { bytes } } }]
    await client.send(new ConverseCommand({ modelId, messages: [{ role: 'user', content }] }))
    expect(JSON.stringify(world.simulator.requests.at(-1)?.json())).toContain('iVBORw==')
  })

  test.each([['whole'], ['streamed']])('a conversation that uses a tool, %s', async (manner) => {
    world.simulator.always({
      reply: {
        text: 'Let me look.',
        toolCalls: [{ id: 'call_abc123', name: 'get_weather', arguments: { city: 'Oslo' } }],
      },
    })
    const input = { modelId, messages: [asked], toolConfig }
    const said =
      manner === 'whole'
        ? ((await client.send(new ConverseCommand(input))).output?.message?.content ?? [])
        : gathered(await eventsOf(input))
    const call = said.find((block) => block.toolUse !== undefined)?.toolUse
    expect(said[0]?.text).toBe('Let me look.')
    expect(call).toMatchObject({ name: 'get_weather', input: { city: 'Oslo' } })

    world.simulator.always({ reply: { text: 'Sunny in Oslo.' } })
    const result: Message = {
      role: 'user',
      content: [{ toolResult: { toolUseId: call?.toolUseId, content: [{ json: { sky: 'sunny' } }] } }],
    }
    const messages = [asked, { role: 'assistant', content: said } satisfies Message, result]
    const answer = await client.send(new ConverseCommand({ ...input, messages }))
    expect(answer.output?.message?.content).toEqual([{ text: 'Sunny in Oslo.' }])
    expect(JSON.stringify(world.simulator.requests.at(-1)?.json())).toMatch(/sky.*sunny/)
  })

  test('an error of the provider, before and in the stream', async () => {
    world.simulator.always({ fault: { kind: 'status', status: 429 } })
    const send = client.send(new ConverseCommand({ modelId, messages: [asked] }))
    await expect(send).rejects.toBeInstanceOf(ThrottlingException)
    world.simulator.always({
      reply: { text: ['It ', 'is ', 'sunny ', 'now.'] },
      fault: { kind: 'cut', at: { event: 4 } },
    })
    await expect(eventsOf({ modelId, messages: [asked] })).rejects.toThrow(/before (its|the) answer was whole/)
  })
})

/** As a program puts a streamed message together. */
function gathered(events: readonly ConverseStreamOutput[]): ContentBlock[] {
  const blocks: ContentBlock[] = []
  let input = ''
  for (const { contentBlockStart, contentBlockDelta, contentBlockStop } of events) {
    const index = (contentBlockStart ?? contentBlockDelta ?? contentBlockStop)?.contentBlockIndex ?? 0
    if (contentBlockStart?.start?.toolUse !== undefined) {
      const { toolUseId, name } = contentBlockStart.start.toolUse
      blocks[index] = { toolUse: { toolUseId, name, input: {} } }
      input = ''
    }
    const { text, toolUse } = contentBlockDelta?.delta ?? {}
    if (text !== undefined) blocks[index] = { text: (blocks[index]?.text ?? '') + text }
    input += toolUse?.input ?? ''
    const call = contentBlockStop === undefined ? undefined : blocks[index]?.toolUse
    if (call !== undefined) blocks[index] = { toolUse: { ...call, input: JSON.parse(input) } }
  }
  return blocks
}

test('an id with colons and slashes', async () => {
  const modelId = 'arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0'
  await using setup = await startTestGateway({ simulator: { models: [modelId] } })
  const caller = clientFor(`${setup.gateway.url}/bedrock`, withToken('any'))
  const answer = await caller.send(new ConverseCommand({ modelId, messages: [asked] }))
  expect(answer.stopReason).toBe('end_turn')
  expect((await setup.settled()).requestedModel).toBe(modelId)
})

describe('who calls', () => {
  test('is told by a bearer token, and by nothing else of AWS', async () => {
    const send = (options: BedrockRuntimeClientConfig): Promise<unknown> =>
      clientFor(world.gateway.url, options).send(new ConverseCommand({ modelId: 'lab/small', messages: [asked] }))
    await expect(send(withToken('wrong'))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
      $metadata: { httpStatusCode: 401 },
    })
    await expect(send({ credentials })).rejects.toThrow(/signed by AWS credentials.*AWS_BEARER_TOKEN_BEDROCK/)
    await expect(send(withToken('caller-key'))).resolves.toMatchObject({ stopReason: 'end_turn' })
  })

  test('does not matter where no keys are configured', async () => {
    await using setup = await startTestGateway()
    const caller = clientFor(setup.gateway.url, { credentials })
    const answer = await caller.send(new ConverseCommand({ modelId: 'small', messages: [asked] }))
    expect(answer.stopReason).toBe('end_turn')
    expect(setup.simulator.requests.at(-1)?.header('authorization')).toBe('Bearer upstream-key')
  })
})

test('a provider that is called as Bedrock is: signed, by its path', async () => {
  await using setup = await startTestGateway({
    simulator: { models: ['us.anthropic.claude-sonnet-5-5-v1:0'] },
    providers: ({ origin }) => ({
      bedrock: {
        base_url: origin,
        max_retries: 0,
        settings: { region: 'eu-central-1' },
        credentials: { access_key_id: 'AKIDEXAMPLE', secret_access_key: 'secret' },
      },
    }),
  })
  const caller = clientFor(setup.gateway.url, { credentials })
  const modelId = 'us.anthropic.claude-sonnet-5-5-v1:0'
  setup.simulator.always({
    reply: { reasoning: 'Hm.', text: ['It ', 'is.'], usage: { input: 9, cachedInput: 4, output: 2 } },
  })
  const { stream } = await caller.send(new ConverseStreamCommand({ modelId, messages: [asked] }))
  const events: ConverseStreamOutput[] = []
  for await (const event of stream ?? []) events.push(event)
  expect(textOf(events)).toBe('It is.')
  const request = setup.simulator.requests.at(-1)
  expect(request?.path).toBe('/model/us.anthropic.claude-sonnet-5-5-v1%3A0/converse-stream')
  expect(request?.header('authorization')).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/bedrock\//,
  )
  expect((await setup.settled()).usage).toMatchObject({ input: 5, cacheRead: 4, output: 2 })
})
