import { openaiTranscriptions, readUsage, SluiceError, type Usage } from '@sluice/protocol'
import { type AnswerFacts, type CallEngine, type CallOptions, makeCall, parseJson } from '../call-engine.ts'
import { type FileInput, formBody } from './form-body.ts'
import type { WithoutCallOptions } from '../misplaced-options.ts'

/** OpenAI's request for speech as text. https://platform.openai.com/docs/api-reference/audio/createTranscription */
export interface TranscribeInput extends WithoutCallOptions {
  readonly model?: string | undefined
  readonly file: FileInput
  /** Of the speech, as ISO 639-1: `en`. */
  readonly language?: string | undefined
  readonly prompt?: string | undefined
  /** `json`, `verbose_json`, or a text: `text`, `srt`, `vtt`. Default: the provider's, mostly `json`. */
  readonly response_format?: string | undefined
  readonly [field: string]: unknown
}

/** What was said, and how it was come by. */
export interface TranscribeAnswer extends AnswerFacts {
  /** What was said; subtitles, where `response_format` asks for them. */
  readonly text: string
  /** Where the answer tells it, as `verbose_json` does. */
  readonly language?: string
  /** Seconds. */
  readonly duration?: number
  /** As the provider writes them. */
  readonly segments?: readonly unknown[]
}

export function transcribe(
  engine: CallEngine,
  input: TranscribeInput,
  options: CallOptions,
): Promise<TranscribeAnswer> {
  return makeCall(
    engine,
    {
      dialect: openaiTranscriptions,
      encode() {
        // Without types anything may come.
        const { file, stream: _, ...fields } = input ?? {}
        if (file === undefined)
          throw new SluiceError('invalid_request', 'What is to be transcribed is given as `file`.', { param: 'file' })
        return formBody(fields, [['file', file, 'audio.mp3']])
      },
      decode: ({ body }) => readTranscript(body),
    },
    options,
  )
}

type Transcript = Pick<TranscribeAnswer, 'text' | 'language' | 'duration' | 'segments'> & { readonly usage?: Usage }

function readTranscript(body: Uint8Array): Transcript {
  // The formats that are texts are sent as such.
  if (body[body.findIndex((byte) => byte > 0x20)] !== 0x7b) return { text: new TextDecoder().decode(body) }
  const { text, language, duration, segments, usage: counts } = parseJson(body) as Readonly<Record<string, unknown>>
  const usage = readUsage(counts)
  return {
    text: typeof text === 'string' ? text : '',
    ...(typeof language === 'string' && { language }),
    ...(typeof duration === 'number' && { duration }),
    ...(Array.isArray(segments) && { segments }),
    ...(usage !== undefined && { usage }),
  }
}
