import { openaiSpeech, SluiceError, type Usage } from '@sluice/protocol'
import { type AnswerFacts, type CallEngine, type CallOptions, encodeJson, makeCall } from '../call-engine.ts'
import type { WithoutCallOptions } from '../misplaced-options.ts'

/** OpenAI's request for a text to be spoken. https://platform.openai.com/docs/api-reference/audio/createSpeech */
export interface SpeechInput extends WithoutCallOptions {
  readonly model?: string | undefined
  readonly input: string
  /** A name, or what the provider has for one of your own. */
  readonly voice: string | object
  /** `mp3`, `opus`, `aac`, `flac`, `wav`, `pcm`. Default: the provider's, mostly `mp3`. */
  readonly response_format?: string | undefined
  /** 1 is as people speak. */
  readonly speed?: number | undefined
  readonly [field: string]: unknown
}

/** What was spoken, whole, and how it was come by. */
export interface SpeechAnswer extends AnswerFacts {
  readonly audio: Uint8Array<ArrayBuffer>
  /** `audio/mpeg`, … */
  readonly contentType: string
}

export function speech(engine: CallEngine, input: SpeechInput, options: CallOptions): Promise<SpeechAnswer> {
  return makeCall(
    engine,
    {
      dialect: openaiSpeech,
      encode() {
        // Without types anything may come.
        if (typeof input?.input !== 'string')
          throw new SluiceError('invalid_request', 'What is to be spoken is said by `input`, a text.', {
            param: 'input',
          })
        return { body: encodeJson({ ...input, stream_format: undefined }) }
      },
      decode({ body, headers }): Pick<SpeechAnswer, 'audio' | 'contentType'> & { readonly usage?: Usage } {
        const type = headers['content-type']
        // A type that also covers shared memory, which answers never are.
        const audio = body as Uint8Array<ArrayBuffer>
        return { audio, contentType: typeof type === 'string' ? type : 'application/octet-stream' }
      },
    },
    options,
  )
}
