import OpenAI from 'openai'
import { afterEach, expect, test } from 'vitest'
import type { Simulator } from './simulator.ts'
import { startSimulator } from './simulator.ts'

let simulator: Simulator | undefined
afterEach(() => simulator?.close())

const messages = [{ role: 'user' as const, content: 'Say "stream":true, "include_usage":true' }]

test.each([300, 900, 400_000])('a JSON answer has exactly %d bytes, and is one', async (bytes) => {
  simulator = await startSimulator({ fixed: { bytes } })
  const response = await fetch(`${simulator.url}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'a', messages, stream: false }),
  })
  const body = await response.arrayBuffer()
  expect(body.byteLength).toBe(bytes)
  expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({ object: 'chat.completion' })
})

test('a stream has the chunks asked for, and usage when asked', async () => {
  simulator = await startSimulator({ fixed: { chunks: 20 } })
  const client = new OpenAI({ baseURL: simulator.url, apiKey: 'x' })
  for (const include_usage of [false, true]) {
    const stream = client.chat.completions.stream({ model: 'a', messages, stream_options: { include_usage } })
    let spoken = 0
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) spoken += 1
    expect(spoken).toBe(20)
    const final = await stream.finalChatCompletion()
    expect(final.choices[0]?.message.content).toBe('word '.repeat(20))
    expect(final.usage?.completion_tokens).toBe(include_usage ? 20 : undefined)
  }
})

test('sees the wish for a stream wherever the body is split', async () => {
  simulator = await startSimulator({ fixed: { chunks: 1 } })
  const { port } = simulator
  const { connect } = await import('node:net')
  const body = JSON.stringify({ model: 'a', stream: true, messages })
  for (let at = 1; at < 40; at += 1) {
    const type = await new Promise<string>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket.write(`POST /chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n`)
      socket.write(body.slice(0, at), () => setImmediate(() => socket.write(body.slice(at))))
      socket.once('data', (piece: Buffer) => {
        resolve(/content-type: (\S+);/.exec(piece.toString())?.[1] ?? 'none')
        socket.destroy()
      })
    })
    expect(type).toBe('text/event-stream')
  }
})

test('still lists models', async () => {
  simulator = await startSimulator({ fixed: {}, models: ['a'] })
  expect(await (await fetch(`${simulator.url}/models`)).json()).toMatchObject({ data: [{ id: 'a' }] })
})

test('a size too small is refused', async () => {
  simulator = undefined
  await expect(startSimulator({ fixed: { bytes: 10 } })).rejects.toThrow(RangeError)
})
