import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../../start-test-gateway.ts'

const messages = [{ role: 'user' as const, content: 'Say something' }]

function clientOf({ url }: TestGateway): OpenAI {
  return new OpenAI({ baseURL: url, apiKey: 'any', maxRetries: 0 })
}

/** Listens at once, so that a failure is never one that nobody waits for. */
function failureOf(call: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(call).then(
    () => undefined,
    (error: unknown) => error,
  )
}

async function upstreamOutcome({ simulator }: TestGateway): Promise<unknown> {
  return simulator.requests.find(({ method }) => method === 'POST')?.closed()
}

test('leaving the loop over a stream cancels the call upstream, and is metered', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next('endless')
  const stream = await clientOf(setup).chat.completions.create({ model: 'small', messages, stream: true })
  let chunks = 0
  for await (const _chunk of stream) if (++chunks === 5) break
  expect(await setup.settled()).toMatchObject({ outcome: 'aborted', errorCode: 'client_closed_request', stream: true })
  expect(await upstreamOutcome(setup)).toBe('aborted')
  await expect.poll(() => setup.gateway.open).toBe(0)
})

test('aborting by the stream’s own controller', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next('hang-mid-stream')
  const stream = await clientOf(setup).chat.completions.create({ model: 'small', messages, stream: true })
  for await (const _chunk of stream) stream.controller.abort()
  expect(await setup.settled()).toMatchObject({ outcome: 'aborted' })
  expect(await upstreamOutcome(setup)).toBe('aborted')
})

test.each([
  { stream: false as const, fault: 'hang-before-head' as const },
  { stream: true as const, fault: 'hang-before-head' as const },
  { stream: false as const, fault: 'hang-after-head' as const },
  { stream: true as const, fault: 'hang-after-head' as const },
])('aborting by a signal before the answer ($fault, stream: $stream)', async ({ stream, fault }) => {
  await using setup = await startTestGateway()
  setup.simulator.next(fault)
  const controller = new AbortController()
  const call = clientOf(setup).chat.completions.create(
    { model: 'small', messages, stream },
    { signal: controller.signal },
  )
  const failure = failureOf(call)
  await expect.poll(() => setup.simulator.requests.filter(({ method }) => method === 'POST').length).toBe(1)
  controller.abort()
  expect(await failure).toBeInstanceOf(OpenAI.APIUserAbortError)
  expect(await setup.settled()).toMatchObject({ outcome: 'aborted', errorCode: 'client_closed_request' })
  expect(await upstreamOutcome(setup)).toBe('aborted')
})

test('a time limit of the SDK', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next('hang-before-head')
  const call = clientOf(setup).chat.completions.create({ model: 'small', messages }, { timeout: 100 })
  await expect(call).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError)
  expect(await setup.settled()).toMatchObject({ outcome: 'aborted' })
  expect(await upstreamOutcome(setup)).toBe('aborted')
})

test('aborting while the gateway waits to ask again ends the waiting', async () => {
  await using setup = await startTestGateway({ config: { providers: { lab: { max_retries: 1 } } } })
  setup.simulator.next({ fault: { kind: 'status', status: 429, retryAfter: 50 } })
  const controller = new AbortController()
  const call = clientOf(setup).chat.completions.create({ model: 'small', messages }, { signal: controller.signal })
  const failure = failureOf(call)
  await expect.poll(() => setup.simulator.requests.find(({ method }) => method === 'POST')?.outcome).toBe('answered')
  controller.abort()
  expect(await failure).toBeInstanceOf(OpenAI.APIUserAbortError)
  expect(await setup.settled()).toMatchObject({ outcome: 'aborted', attempts: 1 })
})
