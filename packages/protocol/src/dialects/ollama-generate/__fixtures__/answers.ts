import type { FailedStream } from '../../../contracts/chat-fixtures.ts'

const encoder = new TextEncoder()
const lines = (...list: readonly object[]): Uint8Array =>
  encoder.encode(list.map((line) => `${JSON.stringify(line)}\n`).join(''))

const counts = { total_duration: 4935886791, prompt_eval_count: 26, eval_count: 237, eval_duration: 4289432000 }
const end = { done: true, done_reason: 'stop' }
const head = { model: 'gemma4', created_at: '2026-08-21T14:43:14.408823Z' }

export const results: Readonly<Record<string, unknown>> = {
  text: { ...head, response: 'It scatters — blue ☀.', ...end, ...counts },
  thinking: { ...head, response: 'Light.', thinking: 'Hm.', ...end, ...counts },
  'what comes before the next': { ...head, response: 'Light.', ...end, context: [4, 5, 6], ...counts },
  'what was cut': { ...head, response: 'It sca', done: true, done_reason: 'length', ...counts },
}

export const streams: Readonly<Record<string, Uint8Array>> = {
  text: lines(
    { ...head, response: 'It ', done: false },
    { ...head, response: 'scatters — blue ☀.', done: false },
    { ...head, response: '', ...end, ...counts },
  ),
  thinking: lines(
    { ...head, response: '', thinking: 'Hm.', done: false },
    { ...head, response: 'Light.', done: false },
    { ...head, response: '', ...end, ...counts },
  ),
}

export const failures: Readonly<Record<string, FailedStream>> = {
  'an error within': {
    bytes: lines(
      { ...head, response: 'It ', done: false },
      { error: 'an error was encountered while running the model' },
    ),
    code: 'upstream_error',
  },
  'a cut': { bytes: lines({ ...head, response: 'It ', done: false }), code: 'upstream_disconnected' },
}
