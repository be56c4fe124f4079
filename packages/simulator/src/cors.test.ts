import { expect, test } from 'vitest'
import { startSimulator } from './simulator.ts'

const preflight = {
  method: 'OPTIONS',
  headers: {
    origin: 'http://page.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type',
  },
}

test('pages of other origins may call it where that is asked for', async () => {
  await using simulator = await startSimulator({ cors: true })
  const allowed = await fetch(`${simulator.url}/chat/completions`, preflight)
  expect(allowed.status).toBe(204)
  expect(allowed.headers.get('access-control-allow-origin')).toBe('*')
  expect(allowed.headers.get('access-control-allow-methods')).toContain('POST')
  expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization,content-type')
  expect(simulator.requests).toEqual([])
  const models = await fetch(`${simulator.url}/models`)
  expect([models.status, models.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
})

test('no page of another origin may call it otherwise', async () => {
  await using simulator = await startSimulator()
  for (const init of [preflight, {}]) {
    const { headers } = await fetch(`${simulator.url}/models`, init)
    expect(headers.get('access-control-allow-origin')).toBeNull()
  }
})
