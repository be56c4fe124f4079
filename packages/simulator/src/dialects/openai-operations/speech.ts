import type { Answer } from '../../answer.ts'
import type { Dialect } from '../../dialect.ts'
import { sse } from '../../framing.ts'
import { words } from '../../reply/fragments.ts'
import { openaiHttp, requireModel } from '../openai/http.ts'
import { bytesOf } from './made-up.ts'
import { isObject, missing, readChoice, readModel, readObject, readText, refuse } from './refuse.ts'

/** 100 bytes for each character. https://platform.openai.com/docs/api-reference/audio/createSpeech */
export const openaiSpeech: Dialect = {
  ...openaiHttp,
  id: 'openai-speech',
  operation: 'speech',
  method: 'POST',
  matches: (path) => path.endsWith('/audio/speech'),
  answer(request, context) {
    const wire = readObject(request)
    const model = readModel(wire)
    const input = readText(wire['input'], 'input')
    if (input.length > 4096) refuse("Invalid 'input': string too long.", 'input', 'string_above_max_length')
    const { voice } = wire
    if (voice === undefined || voice === null) missing('voice')
    if (typeof voice !== 'string' && !isObject(voice)) refuse("Invalid type for 'voice'.", 'voice', 'invalid_type')
    const format = readChoice(wire['response_format'], 'response_format', formats) ?? 'mp3'
    const events = readChoice(wire['stream_format'], 'stream_format', ['audio', 'sse']) === 'sse'
    requireModel(model, context.models)
    const audio = bytesOf(`${format}:${input}`, input.length * 100)
    return events
      ? eventAnswer(audio, words(input).length)
      : { status: 200, contentType: types[format], body: { kind: 'whole', bytes: audio } }
  },
}

const types = {
  mp3: 'audio/mpeg',
  opus: 'audio/opus',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
} as const
const formats = Object.keys(types) as (keyof typeof types)[]

/** Bytes of audio in one event. */
const pieceSize = 300

function eventAnswer(audio: Buffer, tokens: number): Answer {
  const deltas: string[] = []
  for (let from = 0; from < audio.length; from += pieceSize) {
    deltas.push(
      sse.event(
        JSON.stringify({
          type: 'speech.audio.delta',
          audio: audio.subarray(from, from + pieceSize).toString('base64'),
        }),
      ) as string,
    )
  }
  const usage = { input_tokens: tokens, output_tokens: deltas.length, total_tokens: tokens + deltas.length }
  const done = sse.event(JSON.stringify({ type: 'speech.audio.done', usage }))
  return {
    status: 200,
    contentType: sse.contentType,
    body: { kind: 'stream', framing: sse, events: deltas, deltas, end: done },
  }
}
