import { loadInputTokens, openaiChat } from '@sluice/protocol'
import { variablesMember } from '../../prompts/prompt-template.ts'
import { type CallEngine, type CallOptions, type CallOrigin, encodeJson, makeCall, parseJson } from '../call-engine.ts'
import { type ChatInput, writtenOut } from '../chat-input.ts'
import { refuseOptions } from '../misplaced-options.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { whenLoaded } from '../when-loaded.ts'

/** How long a request is. */
export interface TokenAnswer extends CallOrigin {
  /** What the request comes to as input: as its provider counts, else `estimated`. */
  readonly tokens: number
}

/** Asks the provider where it counts, which costs nothing; else it is counted where the engine runs. */
export async function countInput(engine: CallEngine, input: ChatInput, options: CallOptions): Promise<TokenAnswer> {
  const openaiInputTokens = await unlessAborted(whenLoaded(loadInputTokens()), options.signal)
  const {
    tokens,
    usage: _,
    cost: _cost,
    ...origin
  } = await makeCall(
    engine,
    {
      dialect: openaiInputTokens,
      encode() {
        const ignored = { warn: () => undefined }
        const { model, ...asked } = writtenOut(input)
        refuseOptions(asked)
        const request = openaiChat.request.decode({ ...asked, model: model ?? '' }, ignored)
        const wire = openaiInputTokens.request.encode(request, ignored) as object
        return { body: encodeJson({ ...wire, model, [variablesMember]: asked[variablesMember] }) }
      },
      decode: ({ body, context }): { readonly tokens: number; readonly usage?: never } =>
        openaiInputTokens.result.decode(parseJson(body), context),
    },
    options,
  )
  return { tokens, ...origin }
}
