import { openaiChat } from '@sluice/protocol'
import { expect, it } from 'vitest'
import { composeEngine } from '../compose.ts'
import { buildConfig } from '../config/build-config.ts'
import { Exchange } from '../dispatch/exchange.ts'
import { providers as presets } from '../providers.generated.ts'
import { createFetchTransport } from '../transport/fetch.ts'
import { compileCondition } from './condition.ts'

/** The target that a request would go to; nobody is called. */
function targetOf(request: object): string | undefined {
  const lab = { type: 'openai_compatible', base_url: 'http://127.0.0.1:9/v1', api_key: 'key-1', models_path: null }
  const routes = {
    smart: { targets: [{ model: 'streams', when: 'stream' }, 'lab/dear'] },
    streams: { targets: ['lab/cheap'] },
  }
  const models = [
    { id: 'lab/cheap', price: { input: 1, output: 1 } },
    { id: 'lab/dear', price: { input: 2, output: 2 } },
  ]
  const config = buildConfig({ presets, input: { providers: { lab }, routes, models }, condition: compileCondition })
  const engine = composeEngine(config, presets, createFetchTransport())
  const body = new TextEncoder().encode(JSON.stringify({ model: 'smart', messages: [], ...request }))
  const exchange = new Exchange('req_1', openaiChat, body, openaiChat.peek(body), 0)
  return engine.pick(exchange, engine.adHocRoute(exchange, engine.routeFinder(openaiChat)))?.state.id
}

it.each([
  ['as config orders them', {}],
  ['sorted by what the request says', { provider: { sort: 'price' } }],
  ['in the order that the request says', { provider: { order: ['lab'] } }],
])('asks a route below another only under its condition: %s', (_, said) => {
  expect(targetOf({ ...said, stream: true })).toBe('lab/cheap')
  expect(targetOf(said)).toBe('lab/dear')
})
