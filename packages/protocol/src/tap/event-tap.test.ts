import { expect, test } from 'vitest'
import { anthropicMessages } from '../dialects/anthropic-messages/anthropic-messages.ts'

const encoder = new TextEncoder()

test('pings without end are passed on, not gathered', () => {
  const tap = anthropicMessages.tap.stream({ hideUsage: false })
  const ping = encoder.encode('event: ping\ndata: {"type":"ping"}\n\n')
  let sent = 0
  let out = 0
  while (sent < 4 * 1024 * 1024) {
    out += tap.write(ping)?.length ?? 0
    sent += ping.length
  }
  expect(sent - out).toBeLessThan(2 * 1024 * 1024)
  expect(tap.complete).toBe(false)
})

test('what was held back comes first, once something is said', () => {
  const tap = anthropicMessages.tap.stream({ hideUsage: false })
  const ping = 'event: ping\ndata: {"type":"ping"}\n\n'
  const delta =
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}\n\n'
  expect(tap.write(encoder.encode(ping))).toBeUndefined()
  expect(new TextDecoder().decode(tap.write(encoder.encode(delta)))).toBe(ping + delta)
})
