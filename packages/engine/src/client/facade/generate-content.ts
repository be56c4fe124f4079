import { SluiceError } from '@sluice/protocol'
import type { CallOptions } from '../call-engine.ts'
import type { ChatAnswer } from '../chat-answer.ts'
import type { ChatInputMessage, ChatInputRequest } from '../chat-input.ts'
import type { ContentRequest, GeneratedContent } from '../content/generate-content.ts'
import type { Connection } from '../connection.ts'
import type { Sluice } from '../create-sluice.ts'

/** A `Sluice`, and what it asks. */
export interface Opened {
  readonly sluice: Sluice
  readonly connection: Connection
}

/** One prompt, one text. */
export async function generateContent(
  sluice: Sluice,
  request: ContentRequest,
  options: CallOptions = {},
): Promise<GeneratedContent> {
  const { content, model, tokens_used, provider } = await sluice.content.generate(request, options)
  return { content, model, tokens_used, provider }
}

/**
 * Asks one provider after the other, each by its default model, until one answers. Names of routes will do, and those of
 * models that are known; what is none of these is passed over.
 * @throws SluiceError of the last; its `cause` has the errors of all. `provider_not_found` where none of them is there.
 */
export async function chatWithFallback(
  { sluice, connection }: Opened,
  messages: readonly ChatInputMessage[],
  providers: readonly string[],
  parameters: Omit<ChatInputRequest, 'messages' | 'model' | 'models'> = {},
  options: CallOptions = {},
): Promise<ChatAnswer> {
  // Without types anything may come; a text is no list of its letters.
  if (!Array.isArray(providers) || providers.length === 0)
    throw new SluiceError('invalid_request', 'Name at least one provider, in an array.', { param: 'providers' })
  const models: string[] = []
  let problem: unknown
  for (const name of providers) {
    try {
      await connection.requireProvider(name)
      models.push(name)
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== 'provider_not_found') throw error
      problem ??= error
      if (await isServed(sluice, name)) models.push(name)
    }
  }
  if (models.length === 0) throw problem
  return sluice.chat({ ...parameters, messages, models }, options)
}

/** Whether a name is more than one that the default provider gets because nobody else claims it. */
async function isServed(sluice: Sluice, name: string): Promise<boolean> {
  if (await isClaimed(sluice, name)) return true
  await sluice.listModels()
  return isClaimed(sluice, name)
}

async function isClaimed(sluice: Sluice, name: string): Promise<boolean> {
  try {
    const { route, resolution, target } = await sluice.explain(name)
    return route !== null || target?.known === true || resolution.at(-1)?.rule !== 'default-provider'
  } catch (error) {
    if (error instanceof SluiceError && unserved.has(error.code)) return false
    throw error
  }
}

/** The errors of names that nobody serves. */
export const unserved: ReadonlySet<string> = new Set([
  'model_not_found',
  'invalid_model_name',
  'no_provider_configured',
])
