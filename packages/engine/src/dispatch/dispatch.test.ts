import { type ChatDialect, openaiChat } from '@sluice/protocol'
import { startSimulator } from '@sluice/simulator'
import { expect, it } from 'vitest'
import { composeEngine } from '../compose.ts'
import { buildConfig } from '../config/build-config.ts'
import { providers as presets } from '../providers.generated.ts'
import { createFetchTransport } from '../transport/fetch.ts'
import { Exchange } from './exchange.ts'

it('fails an attempt whose answer its dialect cannot begin to read', async () => {
  const simulator = await startSimulator({ models: ['small'] })
  const transport = createFetchTransport()
  const lab = { type: 'openai_compatible', base_url: simulator.url, api_key: 'key-1', max_retries: 0 }
  const engine = composeEngine(buildConfig({ presets, input: { providers: { lab } } }), presets, transport)
  const stream: ChatDialect['tap']['stream'] = () => {
    throw new TypeError('A defect of the dialect.')
  }
  const broken: ChatDialect = { ...openaiChat, tap: { ...openaiChat.tap, stream } }
  const body = new TextEncoder().encode('{"model":"small","stream":true,"messages":[{"role":"user","content":"Hi"}]}')
  const exchange = new Exchange('req_1', broken, body, broken.peek(body), performance.now())
  const answer = engine.attempt(exchange, engine.routeFinder(broken)('small'))
  await expect(answer).rejects.toMatchObject({ code: 'internal_error' })
  expect([...engine.states.all()].map(({ active }) => active)).toEqual([0])
  await transport.close()
  await simulator.close()
})
