import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { startTestGateway } from '../../start-test-gateway.ts'

test('models are listed with what is known of them', async () => {
  await using setup = await startTestGateway({
    config: {
      models: [
        {
          id: 'lab/small',
          name: 'Small (lab)',
          aliases: ['house'],
          context_window: 128_000,
          capabilities: ['chat', 'tools'],
        },
      ],
    },
  })
  const client = new OpenAI({ baseURL: setup.url, apiKey: 'any' })
  const models = []
  for await (const model of client.models.list()) models.push(model)
  expect(models.map(({ id }) => id)).toEqual(expect.arrayContaining(['lab/small', 'lab/large', 'demo/demo']))
  expect(models.find(({ id }) => id === 'lab/small')).toMatchObject({
    object: 'model',
    created: 0,
    owned_by: expect.any(String),
    provider: 'lab',
    name: 'Small (lab)',
    aliases: expect.arrayContaining(['house']),
    context_window: 128_000,
  })
})

test('one model is found by its id and by its alias, and answers to both', async () => {
  await using setup = await startTestGateway({ config: { models: [{ id: 'lab/small', aliases: ['house'] }] } })
  const client = new OpenAI({ baseURL: setup.url, apiKey: 'any' })
  for (const name of ['lab/small', 'house']) {
    expect(await client.models.retrieve(name)).toMatchObject({ id: 'lab/small', object: 'model' })
    const answer = await client.chat.completions.create({ model: name, messages: [{ role: 'user', content: 'Hi' }] })
    expect(answer.model).toBe('small')
  }
  await expect(client.models.retrieve('nowhere')).rejects.toBeInstanceOf(OpenAI.NotFoundError)
})
