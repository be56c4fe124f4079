import { jinaRerank, type RankedDocument, SluiceError, type Usage } from '@sluice/protocol'
import { type AnswerFacts, type CallEngine, type CallOptions, encodeJson, makeCall, parseJson } from '../call-engine.ts'
import type { WithoutCallOptions } from '../misplaced-options.ts'

/** As Jina, Cohere and vLLM take it. https://api.jina.ai/redoc */
export interface RerankInput extends WithoutCallOptions {
  readonly model?: string | undefined
  readonly query: string
  /** Texts, or objects with a `text`. */
  readonly documents: readonly (string | { readonly text: string; readonly [field: string]: unknown })[]
  /** How many of the best are wanted. Default: all. */
  readonly top_n?: number | undefined
  /** Repeat the documents in the answer. */
  readonly return_documents?: boolean | undefined
  readonly [field: string]: unknown
}

/** Documents by their scores, and how they were come by. */
export interface RerankAnswer extends AnswerFacts {
  /** As the provider names it. */
  readonly model?: string
  /** The best first; `index` is the document's in the request. */
  readonly results: readonly RankedDocument[]
}

export function rerank(engine: CallEngine, input: RerankInput, options: CallOptions): Promise<RerankAnswer> {
  return makeCall(
    engine,
    {
      dialect: jinaRerank,
      encode: () => ({ body: encodeJson(checked(input)) }),
      decode({ body, context }): Pick<RerankAnswer, 'model' | 'results'> & { readonly usage?: Usage } {
        const { model, results, usage } = jinaRerank.result.decode(parseJson(body), context)
        return { ...(model !== undefined && { model }), results, ...(usage !== undefined && { usage }) }
      },
    },
    options,
  )
}

function checked(input: RerankInput): RerankInput {
  if (typeof input === 'object' && input !== null && typeof input.query === 'string' && Array.isArray(input.documents))
    return input
  const message = 'A ranking is asked for with an object with a `query` and an array of `documents`.'
  throw new SluiceError('invalid_request', message, { param: 'documents' })
}
