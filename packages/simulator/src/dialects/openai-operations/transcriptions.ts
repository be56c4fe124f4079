import type { Answer } from '../../answer.ts'
import { jsonAnswer } from '../../answer.ts'
import type { Dialect, DialectContext } from '../../dialect.ts'
import { sse } from '../../framing.ts'
import type { RecordedRequest } from '../../recording.ts'
import { openaiHttp, requireModel } from '../openai/http.ts'
import { replyTo } from './ask.ts'
import { fieldOf, readForm } from './read-form.ts'
import { missing, readChoice, readModel } from './refuse.ts'

/** Says how much it heard. https://platform.openai.com/docs/api-reference/audio/createTranscription */
export const openaiTranscriptions: Dialect = {
  ...openaiHttp,
  id: 'openai-transcriptions',
  operation: 'transcribe',
  method: 'POST',
  matches: (path) => path.endsWith('/audio/transcriptions'),
  answer: (request, context) => transcribe(request, context),
}

/** https://platform.openai.com/docs/api-reference/audio/createTranslation */
export const openaiTranslations: Dialect = {
  ...openaiTranscriptions,
  id: 'openai-translations',
  matches: (path) => path.endsWith('/audio/translations'),
}

const formats = ['json', 'text', 'srt', 'verbose_json', 'vtt'] as const

function transcribe(request: RecordedRequest, context: DialectContext): Answer {
  const parts = readForm(request)
  const model = readModel({ model: fieldOf(parts, 'model') })
  const file = parts.find(({ name, filename }) => name === 'file' && filename !== undefined) ?? missing('file')
  const format = readChoice(fieldOf(parts, 'response_format'), 'response_format', formats) ?? 'json'
  requireModel(model, context.models)
  const tokens = Math.ceil(file.content.length / 100)
  const reply = replyTo(context, { model, said: `${file.content.length} bytes of ${file.filename}`, tokens })
  const deltas = reply.choices[0]?.text ?? []
  const text = deltas.join('')
  const usage = reply.usage && {
    type: 'tokens',
    input_tokens: reply.usage.input,
    input_token_details: { text_tokens: 0, audio_tokens: reply.usage.input },
    output_tokens: reply.usage.output,
    total_tokens: reply.usage.input + reply.usage.output,
  }
  if (fieldOf(parts, 'stream') === 'true') return streamAnswer(deltas, text, usage)
  if (format === 'json') return jsonAnswer(200, { text, ...(usage && { usage }), ...reply.extra })
  if (format === 'verbose_json') {
    const seconds = tokens / 10
    return jsonAnswer(200, {
      task: 'transcribe',
      language: 'english',
      duration: seconds,
      text,
      segments: [],
      usage: { type: 'duration', seconds },
    })
  }
  const time = (separator: string): string => `00:00:00${separator}000 --> 00:00:01${separator}000\n${text}\n\n`
  const written = format === 'text' ? `${text}\n` : format === 'srt' ? `1\n${time(',')}` : `WEBVTT\n\n${time('.')}`
  return { status: 200, contentType: 'text/plain; charset=utf-8', body: { kind: 'whole', bytes: written } }
}

function streamAnswer(deltas: readonly string[], text: string, usage: unknown): Answer {
  const events = deltas.map((delta) => sse.event(JSON.stringify({ type: 'transcript.text.delta', delta })))
  const end = sse.event(JSON.stringify({ type: 'transcript.text.done', text, usage }))
  return {
    status: 200,
    contentType: sse.contentType,
    body: { kind: 'stream', framing: sse, events, deltas: events, end },
  }
}
