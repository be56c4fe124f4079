import * as z from 'zod/mini'
import { variableProblem } from '../prompts/check-variables.ts'
import {
  parsePromptId,
  promptId,
  type PromptMessage,
  type PromptTemplate,
  type PromptVariable,
  type PromptVariableType,
} from '../prompts/prompt-template.ts'
import type { ConfigPath } from './config-problem.ts'
import { boolean, decimal, integer, type Shape, text } from './scalars.ts'

/** An entry of `prompts:`, by `name` or `name@version`. Its texts are Mustache. */
export interface PromptSettings {
  readonly description?: string | undefined
  /** Any name that resolves; default as for a request without a model. */
  readonly model?: string | undefined
  /** First. */
  readonly system?: string | undefined
  /** Between `system` and `user`: examples, or a whole conversation. */
  readonly messages?: readonly PromptMessage[] | undefined
  /** Last. */
  readonly user?: string | undefined
  /** By name: a type, or more about it. */
  readonly variables?: Readonly<Record<string, PromptVariableType | PromptVariableSettings>> | null | undefined
  readonly temperature?: number | undefined
  readonly max_tokens?: number | undefined
  /** JSON Schema of the answer. */
  readonly response_schema?: Readonly<Record<string, unknown>> | undefined
}

/** What a variable of a prompt takes, as config says it. */
export interface PromptVariableSettings {
  /** Default `string`. */
  readonly type?: PromptVariableType | undefined
  readonly description?: string | undefined
  readonly optional?: boolean | undefined
  /** Makes it optional. */
  readonly default?: unknown
  readonly values?: readonly (string | number)[] | undefined
}

const variableType = () => z.enum(['string', 'number', 'integer', 'boolean', 'array', 'object'])
const variableName = () =>
  z.string().check(z.regex(/^[A-Za-z_]\w{0,63}$/, 'the name of a variable has letters, digits and "_", at most 64'))
export const promptNaming: string =
  'a prompt is called name or name@version: letters, digits, ".", "_" and "-", at most 64, and a whole number from 1'
const reference = () => z.string().check(z.refine((id) => parsePromptId(id) !== undefined, promptNaming))

const variableSchema = () =>
  z.strictObject({
    type: z.optional(variableType()),
    description: z.optional(text),
    optional: z.optional(boolean),
    default: z.optional(z.unknown()),
    values: z.optional(z.array(z.union([z.string(), z.number()])).check(z.minLength(1))),
  } satisfies Shape<PromptVariableSettings>)

export const promptSchema: z.ZodMiniType<PromptSettings> = z.lazy(() =>
  z.strictObject({
    description: z.optional(text),
    model: z.optional(text),
    system: z.optional(text),
    messages: z.optional(
      z.array(
        z.strictObject({
          role: z.enum(['system', 'developer', 'user', 'assistant']),
          content: text,
        } satisfies Shape<PromptMessage>),
      ),
    ),
    user: z.optional(text),
    variables: z.nullish(z.record(variableName(), z.union([variableType(), variableSchema()]))),
    temperature: z.optional(decimal(0, 10)),
    max_tokens: z.optional(integer(1)),
    response_schema: z.optional(z.record(z.string(), z.unknown())),
  } satisfies Shape<PromptSettings>),
)

export const promptsSchema = (): z.ZodMiniType<Readonly<Record<string, PromptSettings>>> =>
  z.record(reference(), promptSchema)

/** `report` hears what the schema cannot say, with the path below `prompts`. */
export function buildPrompts(
  settings: Readonly<Record<string, PromptSettings>>,
  report: (path: ConfigPath, message: string) => void,
): readonly PromptTemplate[] {
  const ids = new Map<string, string>()
  return Object.freeze(
    Object.entries(settings).map(([key, prompt]) => {
      const { name, version = 1 } = parsePromptId(key)!
      const id = promptId({ name, version })
      const other = ids.get(id)
      if (other !== undefined) report([key], `it is ${other} once more: ${id} is written twice`)
      ids.set(id, key)
      return buildPrompt(name, version, prompt, (path, message) => report([key, ...path], message))
    }),
  )
}

function buildPrompt(
  name: string,
  version: number,
  settings: PromptSettings,
  report: (path: ConfigPath, message: string) => void,
): PromptTemplate {
  const { description, model, system, messages = [], user, temperature, max_tokens: maxTokens } = settings
  if (system === undefined && user === undefined && messages.length === 0)
    report([], 'it says nothing: give it `system`, `user` or `messages`')
  const variables = Object.entries(settings.variables ?? {}).map(
    ([key, variable]) => [key, buildVariable(variable, (message) => report(['variables', key], message))] as const,
  )
  return Object.freeze({
    name,
    version,
    description,
    model,
    messages: Object.freeze([
      ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
      ...messages,
      ...(user === undefined ? [] : [{ role: 'user' as const, content: user }]),
    ]),
    variables: Object.freeze(Object.fromEntries(variables)),
    temperature,
    maxTokens,
    responseSchema: settings.response_schema,
  })
}

function buildVariable(
  settings: PromptVariableType | PromptVariableSettings,
  report: (message: string) => void,
): PromptVariable {
  if (typeof settings === 'string')
    return Object.freeze({
      type: settings,
      description: undefined,
      optional: false,
      default: undefined,
      values: undefined,
    })
  const { type = 'string', description, default: otherwise, optional = otherwise !== undefined, values } = settings
  const problem = otherwise === undefined ? undefined : variableProblem(otherwise, { type, values })
  if (problem !== undefined) report(`its default does not fit: ${problem}`)
  return Object.freeze({ type, description, optional, default: otherwise, values })
}
