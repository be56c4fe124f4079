/**
 * `npm run bench:translation -- [chunks]`: what a chunk of a stream costs inside of Sluice,
 * without the network: relayed as it is, and translated. Also whether memory stays flat over a long stream.
 */
import { type ChatDialect, openaiChat, type Tap, translateStream } from '@sluice/protocol'
import { chatDialects } from '@sluice/protocol/dialects'

const anthropicMessages = chatDialects.find(({ id }) => id === 'anthropic-messages') as ChatDialect
const chunks = Number(process.argv[2] ?? 100_000)
const encoder = new TextEncoder()

const words = (index: number): string => JSON.stringify(` word-${index % 97} of an answer that goes on`)
const openaiChunk = (index: number): Uint8Array =>
  encoder.encode(
    `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1760000000,"model":"m","choices":[{"index":0,"delta":{"content":${words(index)}},"logprobs":null,"finish_reason":null}]}\n\n`,
  )
const anthropicChunk = (index: number): Uint8Array =>
  encoder.encode(
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${words(index)}}}\n\n`,
  )
const anthropicHead = encoder.encode(
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1}}}\n\nevent: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
)

const context = { warn: () => undefined }
const both = { stream: true, usageRequested: true, context }

const ways: readonly (readonly [string, () => Tap, (index: number) => Uint8Array, Uint8Array | undefined])[] = [
  ['OpenAI chat, relayed', () => openaiChat.tap.stream({ hideUsage: true }), openaiChunk, undefined],
  [
    'provider OpenAI chat, caller Anthropic',
    () => translateStream({ ...both, caller: anthropicMessages, provider: openaiChat }),
    openaiChunk,
    undefined,
  ],
  [
    'provider Anthropic, caller OpenAI chat',
    () => translateStream({ ...both, caller: openaiChat, provider: anthropicMessages }),
    anthropicChunk,
    anthropicHead,
  ],
]

function run(tap: Tap, chunk: (index: number) => Uint8Array, head: Uint8Array | undefined, count: number): number {
  const pieces = Array.from({ length: 97 }, (_, index) => chunk(index))
  if (head !== undefined) tap.write(head)
  const before = process.cpuUsage()
  let bytes = 0
  for (let index = 0; index < count; index++) bytes += tap.write(pieces[index % 97]!)?.length ?? 0
  const { user, system } = process.cpuUsage(before)
  if (bytes === 0) throw new Error('nothing came out')
  return (user + system) / count
}

console.log(`| a chunk of about 200 bytes | CPU, µs | heap after ${chunks.toLocaleString('en')} chunks, MB |`)
console.log('|---|---|---|')
for (const [name, create, chunk, head] of ways) {
  run(create(), chunk, head, 20_000)
  const figures = Array.from({ length: 5 }, () => run(create(), chunk, head, chunks)).toSorted((a, b) => a - b)
  globalThis.gc?.()
  console.log(`| ${name} | ${figures[2]!.toFixed(2)} | ${(process.memoryUsage().heapUsed / 1e6).toFixed(1)} |`)
}
