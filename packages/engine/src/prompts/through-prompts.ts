import { type ChatMessage, type ChatRequest, openaiChat, SluiceError, type TranslatableDialect } from '@sluice/protocol'
import type { Middleware } from '../middleware/middleware.ts'
import { type Dispatch, throughMiddleware } from '../middleware/through-middleware.ts'
import type { PromptVariables } from './check-variables.ts'
import type { PromptBook } from './prompt-book.ts'
import { variablesMember } from './prompt-template.ts'

/** The model that is asked for a prompt; any other name as it is. */
export function modelOf(book: PromptBook | undefined, name: string | undefined): string | undefined {
  const prompt = book?.named(name)
  return prompt === undefined ? name : prompt.model
}

/**
 * Has requests that name a prompt in place of a model filled in before they are sent, in whatever dialect they come:
 * the prompt's messages come before the caller's, and what the caller says of temperature and the like counts more.
 */
export function throughPrompts(
  book: PromptBook,
  dialects: ReadonlyMap<string, TranslatableDialect>,
  dispatch: Dispatch,
): Dispatch {
  const around = throughMiddleware([fillIn(book, dialects)], dispatch)
  return (exchange, target, timeout) =>
    book.named(exchange.peek.model) !== undefined
      ? around(exchange, target, timeout)
      : dispatch(exchange, target, timeout)
}

const silent = { warn: () => {} }
/** Whose requests are chats. */
const operations: ReadonlySet<string> = new Set(['chat', 'count-tokens'])

function fillIn(book: PromptBook, dialects: ReadonlyMap<string, TranslatableDialect>): Middleware {
  return async (request, next) => {
    const { operation, dialect: id, requestedModel = '', body } = request
    const dialect = dialects.get(id) as TranslatableDialect<ChatRequest> | undefined
    if (dialect === undefined || !operations.has(operation)) {
      const message = `A prompt is for chats: ${operation} cannot be asked of "${requestedModel}".`
      throw new SluiceError('unsupported_operation', message, { param: 'model' })
    }
    const { [variablesMember]: variables = {}, ...asked } = body
    const rendered = await book.render(requestedModel, variables as PromptVariables)
    const prompt = openaiChat.request.decode({ model: requestedModel, ...rendered }, silent)
    const own = dialect.request.decode({ model: requestedModel, ...asked }, silent)
    const messages = joined(prompt.messages, own.messages)
    return next(dialect.request.encode({ ...prompt, ...own, messages }, silent) as Readonly<Record<string, unknown>>)
  }
}

/** What the system says stands first, of both. */
function joined(prompt: readonly ChatMessage[], own: readonly ChatMessage[]): readonly ChatMessage[] {
  const [system, rest] = parted(prompt)
  const [ownSystem, ownRest] = parted(own)
  return [...system, ...ownSystem, ...rest, ...ownRest]
}

function parted(messages: readonly ChatMessage[]): [system: readonly ChatMessage[], rest: readonly ChatMessage[]] {
  const index = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  const at = index < 0 ? messages.length : index
  return [messages.slice(0, at), messages.slice(at)]
}
