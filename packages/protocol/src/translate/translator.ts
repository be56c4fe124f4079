import type { ChatDialect, CodecContext, NeutralRequest, Tap, TranslatableDialect } from '../dialect.ts'
import type { ChatRequest } from '../ir/chat.ts'
import type { Operation } from '../operation.ts'
import { withPortableTools } from './portable-tools.ts'
import { createAnswerTap, type TranslatedAnswer } from './answer-tap.ts'
import {
  type AnswerHead,
  translateRequest,
  translateResult,
  translateStream,
  type TranslationOptions,
  type UnsaidHead,
} from './translation.ts'

/** How a caller's requests become a provider's, and its answers theirs. Made once for each pair of a target and a caller's dialect. */
export interface Translator {
  /** The JSON for the provider. */
  request(request: NeutralRequest, context: CodecContext): unknown
  /** Of a whole answer. */
  result(asked: AskedAnswer): Tap
  /** Of a stream. */
  stream(asked: AskedAnswer): Tap
}

/** What one request wants of its answer. */
export interface AskedAnswer {
  readonly request: NeutralRequest
  /** Whether the caller asked for a stream, and for usage in it. */
  readonly stream: boolean
  readonly usageRequested: boolean
  /** Hears what cannot be said in the caller's dialect. */
  readonly context: CodecContext
  /** Laid over the provider's own. */
  readonly head?: AnswerHead | undefined
  /** What the answer is called where it does not say: some wires name neither the model nor the time. */
  readonly unsaid?: UnsaidHead | undefined
}

/** @returns `undefined` for dialects that have no neutral types in common. */
export function translatorBetween(caller: TranslatableDialect, provider: TranslatableDialect): Translator | undefined {
  const operation = neutralOperation(caller.operation)
  return operation === neutralOperation(provider.operation) ? translators[operation]?.(caller, provider) : undefined
}

/** By whose neutral types an operation is translated: a text that goes on is a chat of one message. */
export function neutralOperation(operation: Operation): Operation {
  return operation === 'complete' ? 'chat' : operation
}

/** By operation. The cast is right for what an operation's list of dialects holds. */
const translators: Partial<
  Record<Operation, (caller: TranslatableDialect, provider: TranslatableDialect) => Translator>
> = {
  chat: (caller, provider) => chatTranslator(caller as ChatDialect, provider as ChatDialect),
  'count-tokens': countTranslator,
  embed: wholeTranslator,
  rerank: wholeTranslator,
  moderate: wholeTranslator,
}

function chatTranslator(caller: ChatDialect, provider: ChatDialect): Translator {
  const options = (asked: AskedAnswer): TranslationOptions => {
    const { stream, usageRequested, context, head, unsaid } = asked
    return { caller, provider, request: asked.request as ChatRequest, stream, usageRequested, context, head, unsaid }
  }
  return {
    request: (request, context) => translateRequest(request as ChatRequest, provider, context),
    result: (asked) => translateResult(options(asked)),
    stream: (asked) => translateStream(options(asked)),
  }
}

/** Of an operation whose answers are never streams. */
function wholeTranslator(caller: TranslatableDialect, provider: TranslatableDialect): Translator {
  function translate(wire: unknown, { request, context }: AskedAnswer): TranslatedAnswer {
    const result = provider.result.decode(wire, context)
    const bytes = encoder.encode(JSON.stringify(caller.result.encode(result, context, request)))
    return { bytes, usage: result.usage }
  }
  const tap = (asked: AskedAnswer): Tap => createAnswerTap(translate, asked)
  return { request: (request, context) => provider.request.encode(request, context), result: tap, stream: tap }
}

/** Of a chat request whose tokens are counted: what only concerns the answer does not count, and is not missed. */
function countTranslator(caller: TranslatableDialect, provider: TranslatableDialect): Translator {
  return {
    ...wholeTranslator(caller, provider),
    request(request, context) {
      const { model, messages, tools, toolChoice, parallelToolCalls, responseFormat, reasoning, extensions } =
        withPortableTools(request as ChatRequest, context)
      return provider.request.encode(
        {
          model,
          messages,
          ...(tools && { tools }),
          ...(toolChoice && { toolChoice }),
          ...(parallelToolCalls !== undefined && { parallelToolCalls }),
          ...(responseFormat && { responseFormat }),
          ...(reasoning && { reasoning }),
          ...(extensions && { extensions }),
        } as ChatRequest,
        context,
      )
    },
  }
}

const encoder = new TextEncoder()
