import { RequestRefused } from '../../dialect.ts'
import type { RecordedRequest } from '../../recording.ts'

export type WireObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** In OpenAI's words as far as clients look at them. */
export function refuse(message: string, param: string | null = null, code: string | null = null): never {
  throw new RequestRefused({ status: 400, message, type: 'invalid_request_error', param, code })
}

export function missing(param: string): never {
  refuse(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter')
}

/** The request's JSON object. Throws `RequestRefused`. */
export function readObject(request: RecordedRequest): WireObject {
  let value: unknown
  try {
    value = request.json()
  } catch {
    refuse('We could not parse the JSON body of your request.')
  }
  if (!isObject(value)) refuse('We could not parse the JSON body of your request: expected an object.')
  return value
}

export function readModel({ model }: WireObject, fallback?: string): string {
  if (model === undefined && fallback !== undefined) return fallback
  if (typeof model !== 'string' || model === '') refuse('you must provide a model parameter')
  return model
}

/** `undefined` when absent or null. */
export function readInteger(value: unknown, param: string, least: number, most: number): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value))
    refuse(`Invalid type for '${param}': expected an integer.`, param, 'invalid_type')
  if (value < least)
    refuse(
      `Invalid '${param}': expected a value >= ${least}, but got ${value} instead.`,
      param,
      'integer_below_min_value',
    )
  if (value > most)
    refuse(
      `Invalid '${param}': expected a value <= ${most}, but got ${value} instead.`,
      param,
      'integer_above_max_value',
    )
  return value
}

/** `undefined` when absent or null. */
export function readChoice<Choice extends string>(
  value: unknown,
  param: string,
  choices: readonly Choice[],
): Choice | undefined {
  if (value === undefined || value === null) return undefined
  const found = choices.find((choice) => choice === value)
  if (found !== undefined) return found
  refuse(
    `Invalid value: ${JSON.stringify(value)}. Supported values are: ${choices.map((choice) => `'${choice}'`).join(', ')}.`,
    param,
    'invalid_value',
  )
}

export function readText(value: unknown, param: string): string {
  if (value === undefined || value === null) missing(param)
  if (typeof value !== 'string') refuse(`Invalid type for '${param}': expected a string.`, param, 'invalid_type')
  if (value === '')
    refuse(`Invalid '${param}': empty string. Expected a string with minimum length 1.`, param, 'empty_string')
  return value
}
