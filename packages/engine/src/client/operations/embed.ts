import { floatsOf, openaiEmbeddings, SluiceError, type Usage } from '@sluice/protocol'
import { type AnswerFacts, type CallEngine, type CallOptions, encodeJson, makeCall, parseJson } from '../call-engine.ts'
import type { WithoutCallOptions } from '../misplaced-options.ts'

/** OpenAI's embeddings; bare texts are the input. https://platform.openai.com/docs/api-reference/embeddings */
export type EmbedInput = string | readonly string[] | EmbeddingRequest

/** OpenAI's request for vectors, and what other vendors add to it. */
export interface EmbeddingRequest extends WithoutCallOptions {
  readonly model?: string | undefined
  readonly input: string | readonly string[] | readonly number[] | readonly (readonly number[])[]
  readonly dimensions?: number | undefined
  /** What the vectors are for: `search_document`, `search_query`, … */
  readonly input_type?: string | undefined
  readonly [field: string]: unknown
}

/** Vectors, and how they were come by. */
export interface EmbedAnswer extends AnswerFacts {
  /** As the provider names it. */
  readonly model?: string
  /** One vector for each input, in their order. */
  readonly embeddings: readonly (readonly number[])[]
}

/** One vector for each text; with `createCore`, by its `calls`. */
export function embed(engine: CallEngine, input: EmbedInput, options: CallOptions = {}): Promise<EmbedAnswer> {
  return makeCall(
    engine,
    {
      dialect: openaiEmbeddings,
      encode: () => ({ body: encodeJson(readInput(input)) }),
      decode({ body, context }): Pick<EmbedAnswer, 'model' | 'embeddings'> & { readonly usage?: Usage } {
        const { model, embeddings, usage } = openaiEmbeddings.result.decode(parseJson(body), context)
        return {
          ...(model !== undefined && { model }),
          embeddings: embeddings.map(floatsOf),
          ...(usage !== undefined && { usage }),
        }
      },
    },
    options,
  )
}

function readInput(input: EmbedInput): object {
  if (typeof input === 'string' || Array.isArray(input)) return { input }
  if (typeof input === 'object' && input !== null && 'input' in input && input.input !== undefined) return input
  const message = 'Embeddings are asked for with a text, an array of texts, or an object with an `input`.'
  throw new SluiceError('invalid_request', message, { param: 'input' })
}
