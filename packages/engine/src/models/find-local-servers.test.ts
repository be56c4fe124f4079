import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildConfig } from '../config/build-config.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { createFetchTransport } from '../transport/fetch.ts'
import { findLocalServers } from './find-local-servers.ts'

const servers: Server[] = []

/** A local preset whose usual port is that of a server that answers so. */
async function preset(id: string, status: number, body: string): Promise<Provider> {
  const server = createServer((_, response) => response.writeHead(status).end(body))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return defineProvider({ id, name: id, baseUrl: `http://localhost:${port}/v1`, speaks: ['openai-chat'], local: true })
}

let presets: Provider[]
beforeAll(async () => {
  presets = [
    await preset('ollama', 200, '{"object":"list","data":[{"id":"gemma4:latest"}]}'),
    await preset('vllm', 200, '{"data":[{"id":"qwen"}]}'),
    await preset('website', 200, '<html>not a list</html>'),
    await preset('empty', 200, '{"data":[]}'),
    await preset('locked', 401, '{"data":[{"id":"x"}]}'),
    defineProvider({
      id: 'absent',
      name: 'absent',
      baseUrl: 'http://localhost:9/v1',
      speaks: ['openai-chat'],
      local: true,
    }),
    defineProvider({ id: 'hosted', name: 'hosted', baseUrl: 'https://api.example.test/v1', speaks: ['openai-chat'] }),
  ]
})
afterAll(() => {
  for (const server of servers) server.close()
})

it('finds the servers that answer with models, and nothing else', async () => {
  const found = await findLocalServers(presets, [], createFetchTransport())
  expect(found.map(({ id, baseUrl }) => [id, baseUrl])).toEqual([
    ['ollama', presets[0]?.baseUrl?.replace('localhost', '127.0.0.1')],
    ['vllm', presets[1]?.baseUrl?.replace('localhost', '127.0.0.1')],
  ])
})

it('leaves alone what is configured, under any name', async () => {
  const input = { providers: { lab: { type: 'ollama', base_url: presets[0]?.baseUrl ?? '' }, vllm: {} } }
  const { providers } = buildConfig({ presets, input, environment: {} })
  expect(await findLocalServers(presets, providers, createFetchTransport())).toEqual([])
})
