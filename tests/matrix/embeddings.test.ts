import type { EmbedDialect, EmbedRequest, EmbedResult } from '@sluice/protocol'
import { embedDialects } from '@sluice/protocol/dialects'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestGateway } from '../start-test-gateway.ts'
import { callers, modelVia, single, startEmbeddings } from './start-embeddings.ts'

/** Every dialect of embeddings in which callers speak × every one in which providers do. */
let world: TestGateway

beforeAll(async () => {
  world = await startEmbeddings()
})
afterAll(() => world.close())

const quiet = { warn: () => undefined }
const texts = ['Oslo is in Norway.', 'Bergen, too.']

interface Crossing {
  readonly result: EmbedResult
  readonly warnings: string | null
}

async function ask(caller: EmbedDialect, model: string, request: Omit<EmbedRequest, 'model'>): Promise<Crossing> {
  const asked: EmbedRequest = { ...request, model }
  const { url, init } = httpFor(caller, asked)
  const response = await fetch(url, init)
  const answer: unknown = await response.json()
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`)
  return { result: caller.result.decode(answer, quiet), warnings: response.headers.get('x-sluice-warnings') }
}

function httpFor(caller: EmbedDialect, request: EmbedRequest): { readonly url: string; readonly init: RequestInit } {
  const [served = ''] = caller.served ?? []
  const path = served.includes('*') ? `/v1beta${caller.path(request.model, false)}` : served
  const body = JSON.stringify(caller.request.encode(request, quiet))
  return {
    url: `${world.gateway.url}${path}`,
    init: { method: 'POST', headers: { 'content-type': 'application/json' }, body },
  }
}

/** As a provider gives them without a gateway. */
async function vectorsOf(inputs: readonly string[], dimensions: number): Promise<readonly (readonly number[])[]> {
  const response = await fetch(`${world.simulator.url}/embeddings`, {
    method: 'POST',
    body: JSON.stringify({ model: 'small', input: inputs, dimensions }),
    headers: { authorization: 'Bearer upstream-key' },
  })
  const { data } = (await response.json()) as { data: readonly { embedding: readonly number[] }[] }
  return data.map(({ embedding }) => embedding)
}

describe.each(callers.map((caller) => [caller.id, caller] as const))('a caller of %s', (from, caller) => {
  describe.each(embedDialects.map(({ id }) => [id]))('to %s', (to) => {
    const one = single.has(to) || single.has(from)
    const inputs = (one ? texts.slice(0, 1) : texts).map((text) => ({ type: 'text' as const, text }))

    it('gets the vectors, and is metered', async () => {
      world.simulator.next({ reply: { usage: { input: 41 } } })
      const before = world.usage.length
      const { result, warnings } = await ask(caller, modelVia(to), {
        inputs,
        dimensions: 16,
        purpose: 'search-document',
      })
      const expected = await vectorsOf(
        inputs.map(({ text }) => text),
        16,
      )
      expect(result.embeddings.map(({ float }) => float)).toEqual(expected)
      const usage = to === 'bedrock-cohere-embed' ? undefined : { input: 41, output: 0 }
      expect(await world.settled(before)).toMatchObject({
        operation: 'embed',
        outcome: 'ok',
        provider: `via-${to}`,
        requestedModel: modelVia(to),
        ...(usage && { usage }),
      })
      // What of this cannot be said to the provider is named.
      const mute = ['openai-embeddings', 'ollama-embed', 'bedrock-titan-embed'].includes(to) && to !== from
      const said = !['openai-embeddings', 'ollama-embed'].includes(from)
      expect(warnings !== null).toBe(mute && said)
    })

    it('hears of an error as its own wire says it', async () => {
      world.simulator.next('rate-limited')
      const { url, init } = httpFor(caller, { model: modelVia(to), inputs })
      const response = await fetch(url, init)
      const error = caller.error.decode({
        status: response.status,
        header: () => undefined,
        body: await response.json(),
      })
      expect([response.status, error.code]).toEqual([429, 'rate_limit_exceeded'])
    })
  })
})

describe.each(callers.filter(({ id }) => !single.has(id)).map((caller) => [caller.id, caller] as const))(
  'a caller of %s',
  (_from, caller) => {
    it.each([...single].map((to) => [to]))('is told that %s takes one input per call', async (to) => {
      const inputs = texts.map((text) => ({ type: 'text' as const, text }))
      const { url, init } = httpFor(caller, { model: modelVia(to), inputs })
      const response = await fetch(url, init)
      expect(response.status).toBe(400)
      expect(await response.text()).toMatch(/one (text|input) per call/)
    })
  },
)
