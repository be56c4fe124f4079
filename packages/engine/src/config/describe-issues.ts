import type * as z from 'zod/v4/core'
import { nearMatches } from '../models/near-matches.ts'
import type { ConfigPath, ConfigProblem } from './config-problem.ts'
import { formatPath } from './config-problem.ts'
import { schemaAt, schemaKeys } from './schema-walk.ts'

/** For `safeParse`: what is ours to say is not said by zod, nor in the language that an application has set for all of it. */
export const withoutWords: { readonly error: () => string } = { error: () => 'Invalid input' }

/**
 * Says what a failed check of `value` against `schema` means to the one who wrote it. Found values are shown
 * only where `isSecret` says that they may be, and no URL with user info is.
 */
export function describeIssues(
  issues: readonly z.$ZodIssue[],
  schema: z.$ZodType,
  value: unknown,
  isSecret: (path: ConfigPath) => boolean,
): ConfigProblem[] {
  return issues.flatMap((issue) => describe(issue, [], schema, value, isSecret))
}

function describe(
  issue: z.$ZodIssue,
  base: ConfigPath,
  schema: z.$ZodType,
  root: unknown,
  isSecret: (path: ConfigPath) => boolean,
): ConfigProblem[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))]
  const own = issue.message === 'Invalid input' ? undefined : issue.message
  const value = valueAt(root, path)
  const found = `found ${describeValue(value, isSecret(path))}`
  // A list or a group by itself tells nobody what is wrong in it.
  const where = typeof value === 'object' && value !== null ? '' : `; ${found}`
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: misplacedKey(key, path, schema) ?? unknownKey(key, schemaKeys(schemaAt(schema, path))),
      }))
    case 'invalid_type':
      return [
        {
          path,
          message: `expected ${typeName(issue.expected)}, ${found}${quoteHint(issue.expected, value)}`,
        },
      ]
    case 'invalid_value':
      return [{ path, message: `expected ${oneOf(issue.values)}, ${found}` }]
    case 'too_small':
      return [{ path, message: own ?? tooSmall(issue, found) }]
    case 'too_big':
      return [{ path, message: own ?? tooBig(issue, value, found) }]
    case 'invalid_union': {
      // The alternatives of another kind than what was written say nothing about what is wrong inside it.
      const inside = issue.errors.filter((errors) => !errors.some(isWrongKind))
      const [only] = inside
      if (only !== undefined) return only.flatMap((nested) => describe(nested, path, schema, root, isSecret))
      const expected = issue.errors.flatMap((errors) => errors.filter(isWrongKind).map(kindName))
      if (expected.length === 0) return [{ path, message: `${own ?? 'unexpected value'}${where}` }]
      return [{ path, message: `expected ${[...new Set(expected)].join(' or ')}, ${found}` }]
    }
    case 'invalid_key': {
      const [reason] = issue.issues
      return [{ path, message: reason?.message ?? 'this key is not allowed' }]
    }
    default:
      return [{ path, message: `${own ?? 'unexpected value'}${where}` }]
  }
}

function isWrongKind(issue: z.$ZodIssue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

function kindName(issue: z.$ZodIssue): string {
  if (issue.code === 'invalid_type') return typeName(issue.expected)
  return issue.code === 'invalid_value' ? oneOf(issue.values) : 'another value'
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map(String)
  return words.length === 1 ? `${words[0]}` : `one of ${words.join(', ')}`
}

function tooSmall(issue: z.$ZodIssueTooSmall, found: string): string {
  if (issue.origin === 'string') return 'expected a text that is not empty'
  if (issue.origin === 'array') return 'expected a list that is not empty'
  return `expected at least ${issue.minimum}, ${found}`
}

function tooBig(issue: z.$ZodIssueTooBig, value: unknown, found: string): string {
  if (typeof value === 'string' && issue.origin === 'string')
    return `expected at most ${issue.maximum} characters, found ${value.length}`
  if (Array.isArray(value)) return `expected at most ${issue.maximum} members, found ${value.length}`
  return `expected at most ${issue.maximum}, ${found}`
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
}

function typeName(expected: string): string {
  return typeNames[expected] ?? expected
}

function quoteHint(expected: string, value: unknown): string {
  return expected === 'string' && (typeof value === 'number' || typeof value === 'boolean') ? '; put it in quotes' : ''
}

/** Also of what is no URL, or has a password that would have to be escaped in one. */
const userInfo = /(?:\/\/|:).*@/s

function describeValue(value: unknown, secret: boolean): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a group of keys'
  if (typeof value === 'string')
    return secret || value.length > 60 || userInfo.test(value) ? 'a text' : JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'boolean') return secret ? `a ${typeof value}` : `${value}`
  return `a ${typeof value}`
}

/** Words that other tools use for our keys and that no spelling distance finds. */
const otherNames: Readonly<Record<string, string>> = {
  url: 'base_url',
  endpoint: 'base_url',
  api_base: 'base_url',
  key: 'api_key',
  token: 'api_key',
  kind: 'type',
  model: 'default_model',
  retries: 'max_retries',
  extra_headers: 'headers',
  custom_headers: 'headers',
  max_tokens: 'max_output',
  max_output_tokens: 'max_output',
  max_input_tokens: 'context_window',
}

/** What belongs to a provider, and stands where the whole configuration begins. */
function misplacedKey(key: string, path: ConfigPath, schema: z.$ZodType): string | undefined {
  if (path.length > 0 || !schemaKeys(schemaAt(schema, ['providers', 'NAME'])).includes(key)) return undefined
  return `it belongs to a provider: write it below providers.NAME, with a name of your choice`
}

/** `unknown key; did you mean base_url?` */
export function unknownKey(key: string, known: readonly string[]): string {
  const other = Object.hasOwn(otherNames, key) ? otherNames[key] : undefined
  const meant = other !== undefined && known.includes(other) ? other : nearMatches(key, known, 1)[0]
  if (meant !== undefined) return `unknown key; did you mean ${formatPath([meant])}?`
  return `unknown key; known here: ${known.join(', ')}`
}

/** What stands at a path, or the text that a schema read it from. */
function valueAt(root: unknown, path: ConfigPath): unknown {
  let value = root
  for (const part of path) {
    if (typeof value === 'string') return value
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string | number, unknown>)[part]
  }
  return value
}
