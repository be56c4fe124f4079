import { expect, test } from 'vitest'
import { adminOf, makeKey, rootKey } from '../access/admin-client.ts'
import { startTestGateway } from '../start-test-gateway.ts'

test('a key is not given the answer of a model that it may not use, though others share it', async () => {
  await using world = await startTestGateway({
    config: {
      server: { admin_key: rootKey },
      cache: { share: 'all' },
      routes: { any: { targets: ['lab/small', 'lab/large'] } },
    },
  })
  const admin = adminOf(world)
  const [wide, narrow] = [await makeKey(admin), await makeKey(admin, { models: ['large'] })]
  const ask = async (key: string): Promise<readonly (string | null)[]> => {
    const response = await fetch(`${world.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'any', messages: [{ role: 'user', content: 'Hi' }] }),
    })
    await response.text()
    return [response.headers.get('x-sluice-model'), response.headers.get('x-sluice-cache')]
  }
  expect(await ask(wide.key)).toEqual(['small', 'miss'])
  expect(await ask(wide.key)).toEqual(['small', 'hit'])
  expect(await ask(narrow.key)).toEqual(['large', 'miss'])
})
