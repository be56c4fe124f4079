import { SluiceError } from '@sluice/protocol'
import { nearMatches } from '../models/near-matches.ts'
import { promptId, type PromptTemplate, type PromptVariable, variablesMember } from './prompt-template.ts'

export type PromptVariables = Readonly<Record<string, unknown>>

/**
 * What a template is rendered with: the variables given, checked, and the defaults of those that were not.
 * @throws SluiceError `invalid_request` naming every variable that is missing, unknown, or not what it has to be.
 */
export function checkVariables(template: PromptTemplate, given: unknown): PromptVariables {
  const { variables: declared } = template
  const problems: (readonly [name: string, problem: string])[] = []
  if (!isObject(given)) throw wrong(template, [['', 'expected an object with the variables by their names']])
  const known = Object.keys(declared)
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(declared, name)) continue
    const [near] = nearMatches(name, known, 1)
    const hint =
      near === undefined ? `it has ${known.length === 0 ? 'none' : known.join(', ')}` : `did you mean \`${near}\`?`
    problems.push([name, `\`${name}\` is unknown: ${hint}`])
  }
  const values: [name: string, value: unknown][] = []
  for (const [name, variable] of Object.entries(declared)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (value === undefined || value === null) {
      if (variable.optional) values.push([name, variable.default])
      else problems.push([name, `\`${name}\` is missing${about(variable)}`])
      continue
    }
    const problem = variableProblem(value, variable)
    if (problem === undefined) values.push([name, plain(value)])
    else problems.push([name, `\`${name}\`: ${problem}`])
  }
  if (problems.length > 0) throw wrong(template, problems)
  return Object.fromEntries(values)
}

/** Why a value is not what a variable takes; `undefined` when it is. */
export function variableProblem(
  value: unknown,
  { type, values }: Pick<PromptVariable, 'type' | 'values'>,
): string | undefined {
  if (!fits(value, type)) return `expected ${words[type]}, got ${describe(value)}`
  if (values !== undefined && !values.includes(value)) return `expected one of ${values.map(String).join(', ')}`
  return undefined
}

const words: Readonly<Record<PromptVariable['type'], string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

function fits(value: unknown, type: PromptVariable['type']): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return Number.isFinite(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    default:
      return typeof value === type
  }
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return 'a text'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Data only: what else is in it (functions, which a template would call) is left out. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object') return value
  try {
    return JSON.parse(JSON.stringify(value)) as unknown
  } catch (cause) {
    throw new SluiceError('invalid_request', 'A variable holds a value that JSON cannot say (a cycle, a BigInt).', {
      param: variablesMember,
      cause,
    })
  }
}

function about({ description }: PromptVariable): string {
  return description === undefined ? '' : ` (${description})`
}

function isObject(value: unknown): value is PromptVariables {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(template: PromptTemplate, problems: readonly (readonly [name: string, problem: string])[]): SluiceError {
  const [[first] = ['']] = problems
  const list = problems.map(([, problem]) => problem).join('; ')
  return new SluiceError('invalid_request', `The variables of the prompt ${promptId(template)} are wrong: ${list}.`, {
    param: first === '' ? variablesMember : `${variablesMember}.${first}`,
  })
}
