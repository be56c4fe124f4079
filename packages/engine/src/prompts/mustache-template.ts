import Mustache from 'mustache'
import type { PromptVariables } from './check-variables.ts'
import type { PromptTemplate } from './prompt-template.ts'

// The one module that brings the library: it is loaded when a prompt is first rendered.

type Token = readonly [type: string, value: string, start: number, end: number, inside?: unknown, ...unknown[]]

/** A template's texts, ready to be filled in. Variables' values are put in as they are, and never read as templates. */
export interface CompiledTexts {
  /** What is wrong with them, one for each text at fault: which one, and why. */
  readonly problems: readonly { readonly text: number; readonly problem: string }[]
  render(variables: PromptVariables): readonly string[]
}

export function compileTexts({ messages, variables }: Pick<PromptTemplate, 'messages' | 'variables'>): CompiledTexts {
  const writer = new Mustache.Writer()
  // `{{{name}}}` and `{{&name}}` are `{{name}}` where nothing is escaped.
  writer.unescapedValue = (token, context) => writer.escapedValue(token, context, { escape: toText })
  const problems = messages.flatMap(({ content }, text) => {
    const problem = problemOf(content, writer, variables)
    return problem === undefined ? [] : [{ text, problem }]
  })
  return {
    problems,
    render: (values) => messages.map(({ content }) => writer.render(content, values, undefined, { escape: toText })),
  }
}

/** A prompt is no HTML: nothing is escaped. What is no text is written as JSON. */
function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function problemOf(
  content: string,
  writer: InstanceType<typeof Mustache.Writer>,
  variables: PromptTemplate['variables'],
): string | undefined {
  try {
    return undeclared(writer.parse(content), variables)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/**
 * Within a list or an object names may be those of its members, which are not declared.
 * @param within a section, whose value `{{.}}` is.
 */
function undeclared(
  tokens: readonly Token[],
  variables: PromptTemplate['variables'],
  within = false,
): string | undefined {
  for (const token of tokens) {
    const [type, value] = token
    if (type === '>') return `{{>${value}}}: a prompt has no partials; write the text out`
    if (!namingTypes.has(type) || (value === '.' && within)) continue
    if (value === '.') return '{{.}} is the value of a section, and is in none'
    const [root = ''] = value.split('.')
    const variable = Object.hasOwn(variables, root) ? variables[root] : undefined
    if (variable === undefined) return `{{${value}}} is not among its variables: declare \`${root}\``
    const opens = type === '#' && (variable.type === 'array' || variable.type === 'object')
    const inside = insideOf(token)
    const problem = opens ? partialIn(inside) : undeclared(inside, variables, within || type === '#')
    if (problem !== undefined) return problem
  }
  return undefined
}

const namingTypes: ReadonlySet<string> = new Set(['name', '&', '#', '^'])

function partialIn(tokens: readonly Token[]): string | undefined {
  const partial = tokens.flatMap(everyToken).find(([type]) => type === '>')
  return partial && `{{>${partial[1]}}}: a prompt has no partials; write the text out`
}

function everyToken(token: Token): readonly Token[] {
  return [token, ...insideOf(token).flatMap(everyToken)]
}

/** Of a section; other tokens have something else there. */
function insideOf([, , , , inside]: Token): readonly Token[] {
  return Array.isArray(inside) ? (inside as readonly Token[]) : []
}
