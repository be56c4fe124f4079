import { openaiModerations, SluiceError, type Usage, type Verdict } from '@sluice/protocol'
import { type AnswerFacts, type CallEngine, type CallOptions, encodeJson, makeCall, parseJson } from '../call-engine.ts'
import type { WithoutCallOptions } from '../misplaced-options.ts'

/** OpenAI's moderations; bare texts are the input. https://platform.openai.com/docs/api-reference/moderations */
export type ModerationInput = string | readonly string[] | ModerationRequest

/** OpenAI's request for a judgement. https://platform.openai.com/docs/api-reference/moderations */
export interface ModerationRequest extends WithoutCallOptions {
  readonly model?: string | undefined
  /** A text, texts of a verdict each, or parts (`text`, `image_url`) that get one together. */
  readonly input: string | readonly string[] | readonly object[]
  readonly [field: string]: unknown
}

/** What was found, and how it was come by. */
export interface ModerationAnswer extends AnswerFacts {
  /** As the provider names it. */
  readonly model?: string
  /** Whether any input is. */
  readonly flagged: boolean
  /** One for each input, in their order. */
  readonly verdicts: readonly Verdict[]
}

export function moderate(engine: CallEngine, input: ModerationInput, options: CallOptions): Promise<ModerationAnswer> {
  return makeCall(
    engine,
    {
      dialect: openaiModerations,
      encode: () => ({ body: encodeJson(readInput(input)) }),
      decode({ body, context }): Pick<ModerationAnswer, 'model' | 'flagged' | 'verdicts'> & { readonly usage?: Usage } {
        const { model, verdicts, usage } = openaiModerations.result.decode(parseJson(body), context)
        return {
          ...(model !== undefined && { model }),
          flagged: verdicts.some(({ flagged }) => flagged),
          verdicts,
          ...(usage !== undefined && { usage }),
        }
      },
    },
    options,
  )
}

function readInput(input: ModerationInput): object {
  if (typeof input === 'string' || Array.isArray(input)) return { input }
  if (typeof input === 'object' && input !== null && 'input' in input && input.input !== undefined) return input
  const message = 'A moderation is asked for with a text, an array of texts, or an object with an `input`.'
  throw new SluiceError('invalid_request', message, { param: 'input' })
}
