/** A prompt that is kept under a name and a version, after it was checked. */
export interface PromptTemplate {
  readonly name: string
  /** From 1; the highest is meant where none is named. */
  readonly version: number
  readonly description: string | undefined
  /** Any name that the configuration resolves. Absent: as for a request without a model. */
  readonly model: string | undefined
  /** Before those of the caller. */
  readonly messages: readonly PromptMessage[]
  readonly variables: Readonly<Record<string, PromptVariable>>
  readonly temperature: number | undefined
  readonly maxTokens: number | undefined
  /** JSON Schema of the answer. */
  readonly responseSchema: Readonly<Record<string, unknown>> | undefined
}

/** What is said at a place of a prompt. */
export interface PromptMessage {
  readonly role: PromptRole
  /** Mustache: https://mustache.github.io/mustache.5.html */
  readonly content: string
}

/** Who says a message of a prompt. */
export type PromptRole = 'system' | 'developer' | 'user' | 'assistant'

/** What a variable of a prompt takes. */
export interface PromptVariable {
  readonly type: PromptVariableType
  readonly description: string | undefined
  /** It may be left out; then it is its default, or nothing. */
  readonly optional: boolean
  readonly default: unknown
  /** What it may be; absent for anything of its type. */
  readonly values: readonly unknown[] | undefined
}

/** As JSON Schema calls them. */
export type PromptVariableType = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object'

/** How requests name a prompt in place of a model: `prompt:greeting`, `prompt:greeting@2`. */
export const promptPrefix = 'prompt:'

/** The member of a request in which the variables are. */
export const variablesMember = 'prompt_variables'

/** `greeting@2`. */
export function promptId({ name, version }: Pick<PromptTemplate, 'name' | 'version'>): string {
  return `${name}@${version}`
}

/** The name, and the version where one is said; `undefined` for what is no such name. */
export function parsePromptId(
  text: string,
): { readonly name: string; readonly version: number | undefined } | undefined {
  const [, name, version] = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63})(?:@([1-9]\d{0,8}))?$/.exec(text) ?? []
  return name === undefined ? undefined : { name, version: version === undefined ? undefined : Number(version) }
}
