import { SluiceError } from '@sluice/protocol'
import type { ChatInputRequest } from '../client/chat-input.ts'
import { strictForm } from '../client/schema/json-schema-of.ts'
import { configError } from '../config/config-problem.ts'
import { nearMatches } from '../models/near-matches.ts'
import { checkVariables, type PromptVariables } from './check-variables.ts'
import type { CompiledTexts } from './mustache-template.ts'
import { parsePromptId, promptId, promptPrefix, type PromptTemplate } from './prompt-template.ts'

/** The prompts of a configuration. */
export interface PromptBook {
  /** By name, then by version. */
  readonly templates: readonly PromptTemplate[]
  /**
   * @param reference `greeting`, `greeting@2`, with or without `prompt:` before it.
   * @throws SluiceError `prompt_not_found` naming near ones.
   */
  find(reference: string): PromptTemplate
  /** The prompt that a model's name stands for; `undefined` where it is a model's. Throws as `find`. */
  named(model: string | undefined): PromptTemplate | undefined
  /** Of each name the version that is meant where none is named. */
  isLatest(template: PromptTemplate): boolean
  /**
   * The request that a prompt comes to.
   * @throws SluiceError `prompt_not_found`; `invalid_request` naming the variables that are wrong; `invalid_config` for
   * a template that cannot be read.
   */
  render(reference: string, variables?: PromptVariables): Promise<ChatInputRequest>
  /** What is wrong with templates' texts; nothing is looked at before this, or `render`. */
  check(): Promise<readonly { readonly template: PromptTemplate; readonly message: string }[]>
}

/** Prompts by their names, the newest version first where none is named. */
export function createPromptBook(templates: readonly PromptTemplate[]): PromptBook {
  const sorted = templates.toSorted((one, other) =>
    one.name === other.name ? one.version - other.version : one.name < other.name ? -1 : 1,
  )
  const byId = new Map(sorted.map((template) => [promptId(template), template]))
  const latest = new Map(sorted.map((template) => [template.name, template]))
  const compiled = new Map<PromptTemplate, Promise<CompiledTexts>>()

  function find(reference: string): PromptTemplate {
    const text = reference.startsWith(promptPrefix) ? reference.slice(promptPrefix.length) : reference
    const id = parsePromptId(text)
    const found =
      id &&
      (id.version === undefined ? latest.get(id.name) : byId.get(promptId({ name: id.name, version: id.version })))
    if (found !== undefined) return found
    throw notFound(text, [...latest.keys(), ...byId.keys()])
  }

  function compile(template: PromptTemplate): Promise<CompiledTexts> {
    let texts = compiled.get(template)
    if (texts === undefined) {
      texts = import('./mustache-template.ts').then(({ compileTexts }) => compileTexts(template))
      compiled.set(template, texts)
      // What could not be loaded is tried again.
      texts.catch(() => compiled.delete(template))
    }
    return texts
  }

  return {
    templates: sorted,
    find,
    named: (model) => (model?.startsWith(promptPrefix) === true ? find(model) : undefined),
    isLatest: (template) => latest.get(template.name) === template,
    async render(reference, variables = {}) {
      const template = find(reference)
      const values = checkVariables(template, variables)
      const texts = await compile(template)
      if (texts.problems.length > 0)
        throw configError(
          describe(template, texts).map(({ message }) => ({ path: ['prompts', promptId(template)], message })),
        )
      return toRequest(template, texts.render(values))
    },
    async check() {
      const problems = await Promise.all(sorted.map(async (template) => describe(template, await compile(template))))
      return problems.flat()
    },
  }
}

function describe(
  template: PromptTemplate,
  { problems }: CompiledTexts,
): readonly { readonly template: PromptTemplate; readonly message: string }[] {
  return problems.map(({ text, problem }) => ({
    template,
    message: `what the ${template.messages[text]?.role} says: ${problem}`,
  }))
}

function toRequest(template: PromptTemplate, texts: readonly string[]): ChatInputRequest {
  const { name, model, messages, temperature, maxTokens, responseSchema } = template
  return {
    ...(model !== undefined && { model }),
    messages: messages.map(({ role }, index) => ({ role, content: texts[index] ?? '' })),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(responseSchema !== undefined && { response_format: formatOf(name, responseSchema) }),
  }
}

function formatOf(name: string, responseSchema: Readonly<Record<string, unknown>>): object {
  const { schema, strict } = strictForm(responseSchema)
  // Letters, digits, `_` and `-` only.
  const json_schema = { name: name.replaceAll('.', '_'), schema, ...(strict && { strict }) }
  return { type: 'json_schema', json_schema }
}

function notFound(name: string, known: readonly string[]): SluiceError {
  const near = nearMatches(name, known)
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(', ').replace(/, ([^,]*)$/, ' or $1')}?`
      : known.length > 0
        ? `There are ${known.filter((id) => !id.includes('@')).join(', ')}.`
        : 'None is configured: write it below `prompts`.'
  return new SluiceError('prompt_not_found', `There is no prompt "${name.slice(0, 100)}". ${hint}`, { param: 'model' })
}
