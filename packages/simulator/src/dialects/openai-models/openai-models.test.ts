import OpenAI from 'openai'
import { afterEach, expect, test } from 'vitest'
import type { Simulator, SimulatorOptions } from '../../simulator.ts'
import { startSimulator } from '../../simulator.ts'

let simulator: Simulator
afterEach(() => simulator.close())

async function get(path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${simulator.origin}${path}`)
  return { status: response.status, body: await response.json() }
}

const models: SimulatorOptions['models'] = ['small', { id: 'lab/large', context_window: 128_000 }]
const small = { id: 'small', object: 'model', created: 1_767_225_600, owned_by: 'simulator' }
const large = { ...small, id: 'lab/large', context_window: 128_000 }

test.each([
  ['list', { object: 'list', data: [small, large] }],
  ['data', { data: [small, large] }],
  [
    'models',
    {
      models: [
        { name: 'small', ...small },
        { name: 'lab/large', ...large },
      ],
    },
  ],
  ['array', [small, large]],
  ['strings', ['small', 'lab/large']],
] as const)('lists models as %s', async (modelList, expected) => {
  simulator = await startSimulator({ models, modelList })
  expect(await get('/api/v1/models?limit=5')).toEqual({ status: 200, body: expected })
})

test('shows one model, also one with a slash', async () => {
  simulator = await startSimulator({ models })
  expect(await get('/models/small')).toEqual({ status: 200, body: small })
  expect(await get('/v1/models/lab/large')).toEqual({ status: 200, body: large })
  expect(await get('/v1/models/lab%2Flarge')).toEqual({ status: 200, body: large })
  expect(await get('/v1/models/none')).toMatchObject({ status: 404, body: { error: { code: 'model_not_found' } } })
  expect(await get('/v1/models/%E0%A4%A')).toMatchObject({ status: 400 })
})

test('is read by the official client', async () => {
  simulator = await startSimulator()
  const client = new OpenAI({ baseURL: simulator.url, apiKey: 'x' })
  const ids: string[] = []
  for await (const model of client.models.list()) ids.push(model.id)
  expect(ids).toEqual(['simulated-model'])
})

test('has behaviours of its own, and leaves the others in the queue', async () => {
  simulator = await startSimulator()
  simulator.next('server-error', { on: 'models', fault: { kind: 'status', status: 503 } })
  expect((await get('/v1/models')).status).toBe(503)
  expect((await get('/v1/models')).status).toBe(200)
  expect(simulator.pending).toBe(1)
})
