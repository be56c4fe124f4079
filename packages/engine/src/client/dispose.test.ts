import { startSimulator } from '@sluice/simulator'
import { expect, test } from 'vitest'
import { createSluice, type Sluice } from './create-sluice.ts'
import { OpenAICompatibleAPI } from './facade/openai-compatible-api.ts'

const closed = { code: 'shutting_down' }

test('leaving the block of `await using` closes', async () => {
  await using simulator = await startSimulator()
  const settings = { base_url: simulator.url, api_key: 'k', default_model: 'small', max_retries: 0 }
  const left: Pick<Sluice, 'chat'>[] = []
  {
    await using sluice = createSluice(
      { providers: { lab: { type: 'openai_compatible', ...settings } } },
      { environment: {} },
    )
    await using api = new OpenAICompatibleAPI(settings)
    expect((await sluice.chat('Hello')).text).toContain('Hello')
    expect((await api.chat([{ role: 'user', content: 'Hello' }])).text).toContain('Hello')
    left.push(sluice, api.sluice)
  }
  for (const sluice of left) await expect(sluice.chat('Hello')).rejects.toMatchObject(closed)
})
