import process from 'node:process'
import OpenAI from 'openai'

// The official client, unchanged: only the address is the gateway's, and the key one that the gateway gave out.
const client = new OpenAI({
  baseURL: `${process.env['GATEWAY_URL'] ?? 'http://127.0.0.1:8090'}/v1`,
  apiKey: process.env['GATEWAY_KEY'] ?? 'any',
})

// Any model of any provider that the gateway knows, whatever API it speaks.
const { data, response } = await client.chat.completions
  .create({
    model: process.env['MODEL'] ?? 'anthropic/claude-haiku-4-5',
    messages: [{ role: 'user', content: 'What is a fjord?' }],
    stream: true,
  })
  .withResponse()

for await (const chunk of data) process.stdout.write(chunk.choices[0]?.delta.content ?? '')
console.error(`\nanswered by ${response.headers.get('x-sluice-provider')}`)
