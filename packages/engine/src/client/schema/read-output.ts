import { SluiceError, type SluiceErrorOptions } from '@sluice/protocol'
import { isStandard } from './json-schema-of.ts'
import { jsonSchemaProblems } from './json-schema-problems.ts'
import type { OutputOf, Schema, StandardIssue } from './standard-schema.ts'

/** Where a text is not what was asked for. */
export interface OutputIssue {
  /** `items[0].price`; empty for the whole. */
  readonly path: string
  readonly message: string
}

/** A model wrote something that is not what a schema asks for; code `invalid_output`. */
export class InvalidOutputError extends SluiceError {
  override readonly name = 'InvalidOutputError'
  /** What it wrote, as it wrote it. */
  readonly text: string
  /** At least one. */
  readonly issues: readonly OutputIssue[]

  constructor(what: string, text: string, issues: readonly OutputIssue[], options: SluiceErrorOptions = {}) {
    super('invalid_output', `${what}: ${issues.map(describeIssue).join('; ')}.`, { retryable: false, ...options })
    this.text = text
    this.issues = issues
  }
}

export function describeIssue({ path, message }: OutputIssue): string {
  return path === '' ? message : `${path} ${message}`
}

/**
 * A value from the JSON that a model wrote, as the schema gives it.
 * @param what it is, for the message: `The arguments of get_weather are not as they must be`.
 * @param inner finds what the schema is of in what was written. Default: all of it.
 * @throws InvalidOutputError
 */
export async function readOutput<S extends Schema>(
  schema: S,
  text: string,
  what: string,
  inner: (written: unknown) => unknown = (written) => written,
): Promise<OutputOf<S>> {
  const value = inner(parse(text, what))
  if (!isStandard(schema)) {
    const issues = jsonSchemaProblems(schema, value)
    if (issues.length > 0) throw new InvalidOutputError(what, text, issues.map(readIssue))
    return value as OutputOf<S>
  }
  const result = await schema['~standard'].validate(value)
  if (result.issues !== undefined) throw new InvalidOutputError(what, text, result.issues.map(readIssue))
  return result.value as OutputOf<S>
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(bare(text)) as unknown
  } catch (cause) {
    const message = `it is not JSON (${cause instanceof Error ? cause.message : 'unreadable'})`
    throw new InvalidOutputError(what, text, [{ path: '', message }], { cause })
  }
}

/** Without the fence that models like to put around JSON. */
function bare(text: string): string {
  const trimmed = text.trim()
  return /^```(?:json)?\s*(.*?)\s*```$/s.exec(trimmed)?.[1] ?? trimmed
}

function readIssue({ path = [], message }: StandardIssue): OutputIssue {
  let written = ''
  for (const step of path) {
    const key = typeof step === 'object' ? step.key : step
    written += typeof key === 'number' ? `[${key}]` : `${written === '' ? '' : '.'}${String(key)}`
  }
  return { path: written, message }
}
