import { readdirSync, readFileSync } from 'node:fs'
import { describeChatDialect } from '../../contracts/chat-dialect-contract.ts'
import type { FailedStream } from '../../contracts/chat-fixtures.ts'
import type { ErrorCode } from '../../errors/codes.ts'
import { errorAnswers } from './__fixtures__/error-answers.ts'
import { anthropicMessages } from './anthropic-messages.ts'

function read<T>(folder: string, parse: (bytes: Buffer) => T): Record<string, T> {
  const url = new URL(`__fixtures__/${folder}/`, import.meta.url)
  return Object.fromEntries(
    readdirSync(url).map((name) => [name.replace(/\..*$/, ''), parse(readFileSync(new URL(name, url)))]),
  )
}

const json = (bytes: Buffer): unknown => JSON.parse(bytes.toString())
const raw = (bytes: Buffer): Uint8Array => new Uint8Array(bytes)

const failureCodes: Readonly<Partial<Record<string, ErrorCode>>> = {
  'error-event': 'upstream_overloaded',
  'error-first': 'context_length_exceeded',
  'error-unnamed': 'upstream_error',
  'error-body': 'rate_limit_exceeded',
  html: 'upstream_invalid_response',
  'broken-json': 'upstream_invalid_response',
  'no-start': 'upstream_invalid_response',
  'bad-block': 'upstream_invalid_response',
  empty: 'upstream_disconnected',
  cut: 'upstream_disconnected',
}

const failures: Record<string, FailedStream> = {}
for (const [name, bytes] of Object.entries(read('failures', raw)))
  failures[name] = { bytes, code: failureCodes[name] ?? 'internal_error' }

describeChatDialect(anthropicMessages, {
  requests: read('requests', json),
  results: read('results', json),
  streams: read('streams', raw),
  failures,
  errors: errorAnswers,
})
