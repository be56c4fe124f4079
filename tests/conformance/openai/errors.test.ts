import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../../start-test-gateway.ts'

const messages = [{ role: 'user' as const, content: 'Say something' }]

function clientOf({ url }: TestGateway, options: { apiKey?: string; maxRetries?: number } = {}): OpenAI {
  return new OpenAI({ baseURL: url, apiKey: 'any', maxRetries: 0, ...options })
}

async function failureOf(call: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error = await Promise.resolve(call).then(
    (value) => new Error(`No error but ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  )
  if (error instanceof OpenAI.APIError) return error
  throw error
}

function chatRequests({ simulator }: TestGateway): number {
  return simulator.requests.filter(({ method }) => method === 'POST').length
}

describe.each([{ stream: false as const }, { stream: true as const }])('with stream: $stream', ({ stream }) => {
  const ask = (client: OpenAI, model = 'small'): PromiseLike<unknown> =>
    client.chat.completions.create({ model, messages, stream })

  test('a wrong key is an AuthenticationError, and nobody upstream hears of it', async () => {
    await using setup = await startTestGateway({ config: { server: { keys: ['sk-caller-1'] } } })
    const error = await failureOf(ask(clientOf(setup, { apiKey: 'sk-other' })))
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError)
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'invalid_request_error', param: null })
    expect(error.requestID).toMatch(/^req_/)
    expect(error.message).not.toContain('sk-')
    expect(chatRequests(setup)).toBe(0)
  })

  test('a model that nothing serves is a NotFoundError naming near ones', async () => {
    await using setup = await startTestGateway()
    const client = clientOf(setup)
    await client.models.list()
    const error = await failureOf(ask(client, 'smal'))
    expect(error).toBeInstanceOf(OpenAI.NotFoundError)
    expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' })
    expect(error.message).toContain('lab/small')
    expect(chatRequests(setup)).toBe(0)
  })

  test('a model that the provider does not know is a NotFoundError', async () => {
    await using setup = await startTestGateway()
    const error = await failureOf(ask(clientOf(setup), 'lab/nowhere'))
    expect(error).toBeInstanceOf(OpenAI.NotFoundError)
    expect(error).toMatchObject({ status: 404, code: 'model_not_found' })
    expect(chatRequests(setup)).toBe(1)
  })

  test.each([
    ['bad-request', OpenAI.BadRequestError, { status: 400, code: 'upstream_rejected' }],
    ['context-overflow', OpenAI.BadRequestError, { status: 400, code: 'context_length_exceeded', param: 'messages' }],
    ['forbidden', OpenAI.PermissionDeniedError, { status: 403, code: 'upstream_permission_denied' }],
    ['rate-limited', OpenAI.RateLimitError, { status: 429, code: 'rate_limit_exceeded', type: 'requests' }],
    ['quota-exceeded', OpenAI.RateLimitError, { status: 429, code: 'insufficient_quota', type: 'insufficient_quota' }],
    ['server-error', OpenAI.InternalServerError, { status: 502, code: 'upstream_error' }],
    ['overloaded', OpenAI.InternalServerError, { status: 503, code: 'upstream_overloaded' }],
    ['bad-gateway', OpenAI.InternalServerError, { status: 502, code: 'upstream_error' }],
    ['unauthorized', OpenAI.InternalServerError, { status: 502, code: 'upstream_authentication_failed' }],
    ['html', OpenAI.InternalServerError, { status: 502, code: 'upstream_invalid_response' }],
    ['error-inside', OpenAI.InternalServerError, { status: 502, code: 'upstream_error' }],
    ['cut-before-head', OpenAI.InternalServerError, { status: 502, code: 'upstream_disconnected' }],
  ] as const)('%s upstream', async (behaviour, type, expected) => {
    await using setup = await startTestGateway()
    setup.simulator.next(behaviour)
    const error = await failureOf(ask(clientOf(setup)))
    expect(error).toBeInstanceOf(type)
    expect(error).toMatchObject(expected)
    expect(error.headers?.get('x-sluice-attempts')).toBe('1')
    expect(error.requestID).toMatch(/^req_/)
    expect(await setup.settled()).toMatchObject({
      outcome: 'error',
      errorCode: expected.code,
      requestId: error.requestID,
    })
  })

  test('a provider that is down', async () => {
    await using setup = await startTestGateway()
    await setup.simulator.close()
    const error = await failureOf(ask(clientOf(setup)))
    expect(error).toBeInstanceOf(OpenAI.InternalServerError)
    expect(error).toMatchObject({ status: 502, code: 'upstream_unreachable' })
  })

  test('what the gateway repeats succeeds unseen', async () => {
    await using setup = await startTestGateway({ config: { providers: { lab: { max_retries: 1 } } } })
    setup.simulator.next({ fault: { kind: 'status', status: 429, retryAfterMs: 10 } })
    const call = clientOf(setup).chat.completions.create({ model: 'small', messages, stream })
    const { response } = await call.withResponse()
    expect(response.headers.get('x-sluice-attempts')).toBe('2')
  })

  test('what the gateway repeated in vain the SDK does not repeat', async () => {
    await using setup = await startTestGateway({ config: { providers: { lab: { max_retries: 1 } } } })
    setup.simulator.always({ fault: { kind: 'status', status: 429, retryAfterMs: 10 } })
    const error = await failureOf(ask(clientOf(setup, { maxRetries: 2 })))
    expect(error).toBeInstanceOf(OpenAI.RateLimitError)
    expect(error.headers?.get('x-sluice-attempts')).toBe('2')
    expect(chatRequests(setup)).toBe(2)
  })

  test('what the gateway did not repeat the SDK does, when the provider says', async () => {
    await using setup = await startTestGateway()
    // Longer than the half second that the SDK would wait on its own.
    setup.simulator.next({ fault: { kind: 'status', status: 429, retryAfterMs: 800 } })
    const answer = clientOf(setup, { maxRetries: 2 }).chat.completions.create({ model: 'small', messages, stream })
    const { response } = await answer.withResponse()
    expect(response.status).toBe(200)
    const [first, second] = setup.simulator.requests.filter(({ method }) => method === 'POST')
    expect((second?.receivedAt ?? 0) - (first?.receivedAt ?? 0)).toBeGreaterThanOrEqual(790)
  })

  test('a waste of quota is not repeated by anyone', async () => {
    await using setup = await startTestGateway({ config: { providers: { lab: { max_retries: 3 } } } })
    setup.simulator.always('quota-exceeded')
    await failureOf(ask(clientOf(setup, { maxRetries: 2 })))
    expect(chatRequests(setup)).toBe(1)
  })
})

test('a field of the wrong type is a BadRequestError with the provider’s words, code and field', async () => {
  await using setup = await startTestGateway()
  const error = await failureOf(clientOf(setup).chat.completions.create({ model: 'small', messages, temperature: 3 }))
  expect(error).toBeInstanceOf(OpenAI.BadRequestError)
  expect(error).toMatchObject({ status: 400, code: 'decimal_above_max_value', param: 'temperature' })
  expect(error.message).toContain("Invalid 'temperature'")
})

test.each(['error-inside', 'cut', 'reset', 'truncate'] as const)(
  'a stream that ends by %s throws after what came before',
  async (kind) => {
    await using setup = await startTestGateway()
    setup.simulator.next({ fault: kind === 'error-inside' ? { kind, at: 4 } : { kind, at: { event: 4 } } })
    const stream = await clientOf(setup).chat.completions.create({ model: 'small', messages, stream: true })
    const finishes: unknown[] = []
    let chunks = 0
    const read = async (): Promise<void> => {
      for await (const chunk of stream) {
        chunks++
        finishes.push(...chunk.choices.map((choice) => choice.finish_reason).filter((reason) => reason !== null))
      }
    }
    await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError)
    expect(chunks).toBeGreaterThan(0)
    expect(finishes).toEqual([])
    expect(await setup.settled()).toMatchObject({ outcome: 'cut' })
  },
)

test('a path that is not served is a NotFoundError that says what is', async () => {
  await using setup = await startTestGateway()
  const error = await failureOf(clientOf(setup).post('/no/such/path', { body: {} }))
  expect(error).toBeInstanceOf(OpenAI.NotFoundError)
  expect(error).toMatchObject({ code: 'path_not_found' })
  expect(error.message).toContain('POST /chat/completions')
})
