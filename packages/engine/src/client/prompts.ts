import { SluiceError } from '@sluice/protocol'
import type { PromptBook } from '../prompts/prompt-book.ts'
import { type PromptTemplate, type PromptVariable, promptPrefix } from '../prompts/prompt-template.ts'
import type { ChatInputRequest } from './chat-input.ts'

/** The prompts of a configuration, or of a gateway. */
export interface Prompts {
  list(): Promise<readonly PromptDescription[]>
  /**
   * The request that a prompt comes to with these variables, for `chat` and its kin. Asks no model.
   * @param reference `greeting` for its highest version, or `greeting@2`.
   * @throws SluiceError `prompt_not_found`; `invalid_request` naming variables that are missing, unknown or wrong.
   */
  render(reference: string, variables?: Readonly<Record<string, unknown>>): Promise<ChatInputRequest>
}

/** A version of a prompt. */
export interface PromptDescription {
  readonly name: string
  readonly version: number
  /** Whether it is meant where no version is named. */
  readonly latest: boolean
  readonly description?: string
  readonly model?: string
  readonly variables: Readonly<Record<string, PromptVariableDescription>>
}

/** What a variable of a prompt takes. */
export interface PromptVariableDescription {
  readonly type: PromptVariable['type']
  readonly description?: string
  readonly optional: boolean
  readonly default?: unknown
  readonly values?: readonly unknown[]
}

/** The prompts of a configuration, as an application asks for them. */
export function listPrompts(book: PromptBook | undefined): Prompts {
  return {
    list: async () => book?.templates.map((template) => describePrompt(template, book.isLatest(template))) ?? [],
    async render(reference, variables) {
      // Without types anything may come.
      if (typeof reference !== 'string') {
        const message = '`prompt` must be the name of a prompt: `greeting`, or `greeting@2`.'
        throw new SluiceError('invalid_request', message, { param: 'prompt' })
      }
      // Awaited: a promise that is returned has its handler later, and runtimes report its failure until then.
      if (book !== undefined) return await book.render(reference, variables)
      const name = reference.replace(promptPrefix, '')
      throw new SluiceError('prompt_not_found', `There is no prompt "${name}". None is configured.`, { param: 'model' })
    },
  }
}

function describePrompt(
  { name, version, description, model, variables }: PromptTemplate,
  latest: boolean,
): PromptDescription {
  return {
    name,
    version,
    latest,
    ...(description !== undefined && { description }),
    ...(model !== undefined && { model }),
    variables: Object.fromEntries(
      Object.entries(variables).map(([key, variable]) => [key, describeVariable(variable)]),
    ),
  }
}

function describeVariable({
  type,
  description,
  optional,
  default: otherwise,
  values,
}: PromptVariable): PromptVariableDescription {
  return {
    type,
    ...(description !== undefined && { description }),
    optional,
    ...(otherwise !== undefined && { default: otherwise }),
    ...(values !== undefined && { values }),
  }
}
