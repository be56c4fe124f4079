import { readdirSync, readFileSync } from 'node:fs'
import { describeChatDialect } from '../../contracts/chat-dialect-contract.ts'
import type { FailedStream } from '../../contracts/chat-fixtures.ts'
import type { ErrorCode } from '../../errors/codes.ts'
import { errorAnswers } from '../openai-chat/__fixtures__/error-answers.ts'
import { openaiResponses } from './openai-responses.ts'

function read<T>(folder: string, parse: (bytes: Buffer) => T): Record<string, T> {
  const url = new URL(`__fixtures__/${folder}/`, import.meta.url)
  return Object.fromEntries(
    readdirSync(url).map((name) => [name.replace(/\..*$/, ''), parse(readFileSync(new URL(name, url)))]),
  )
}

const json = (bytes: Buffer): unknown => JSON.parse(bytes.toString())
const raw = (bytes: Buffer): Uint8Array => new Uint8Array(bytes)

const failureCodes: Readonly<Partial<Record<string, ErrorCode>>> = {
  'error-event': 'rate_limit_exceeded',
  'error-nested': 'upstream_error',
  failed: 'upstream_error',
  'failed-body': 'upstream_error',
  'error-body': 'context_length_exceeded',
  html: 'upstream_invalid_response',
  'broken-json': 'upstream_invalid_response',
  'only-done': 'upstream_disconnected',
  empty: 'upstream_disconnected',
  cut: 'upstream_disconnected',
}

const failures: Record<string, FailedStream> = {}
for (const [name, bytes] of Object.entries(read('failures', raw)))
  failures[name] = { bytes, code: failureCodes[name] ?? 'internal_error' }

describeChatDialect(openaiResponses, {
  requests: read('requests', json),
  results: read('results', json),
  streams: read('streams', raw),
  failures,
  errors: errorAnswers,
})
