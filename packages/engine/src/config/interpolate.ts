import type { ConfigPath } from './config-problem.ts'

/** Variables by name, as in `process.env`. An empty value counts as unset. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface Interpolation {
  /** A copy of the input with every reference replaced. */
  readonly value: unknown
  /** What each replaced text came from, by its path: `environment variable A`, `default of B`. */
  readonly references: readonly { readonly path: ConfigPath; readonly sources: readonly string[] }[]
  readonly problems: readonly { readonly path: ConfigPath; readonly message: string }[]
}

// Deeper than any option, and an end to values that contain themselves.
const deepest = 12

/**
 * Replaces, in every text of a config, `${NAME}` by that environment variable and `${NAME:-default}` by it or,
 * where it is unset or empty, by the default; what becomes empty that way counts as not written. `$${` stands for a literal `${`. What a variable holds is not
 * searched again. A whole text `os.environ/NAME` or `env.NAME`, as other gateways write it, means `${NAME}`.
 */
export function interpolate(input: unknown, environment: Environment): Interpolation {
  const references: { path: ConfigPath; sources: readonly string[] }[] = []
  const problems: { path: ConfigPath; message: string }[] = []

  function visit(value: unknown, path: ConfigPath): unknown {
    if (typeof value === 'string') {
      const sources = new Set<string>()
      const replaced = replace(value, environment, sources, (message) => problems.push({ path, message }))
      if (sources.size === 0) return replaced
      references.push({ path, sources: [...sources] })
      return replaced === '' ? undefined : replaced
    }
    if (path.length > deepest) {
      problems.push({ path, message: `nested deeper than ${deepest} levels` })
      return undefined
    }
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]))
    if (isPlainObject(value)) {
      // `fromEntries` defines members, so a key `__proto__` stays a key.
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, [...path, key])]))
    }
    return value
  }

  return { value: visit(input, []), references, problems }
}

const reference = /\$\$\{|\$\{([^}]*)(\}?)/g
const foreignReference = /^(?:os\.environ\/|env\.)([A-Z_][A-Z0-9_]*)$/
const nameAndDefault = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s

function replace(
  text: string,
  environment: Environment,
  sources: Set<string>,
  report: (message: string) => void,
): string {
  const native = text.replace(foreignReference, '${$1}')
  return native.replace(reference, (match: string, inner: string | undefined, close: string | undefined) => {
    if (match === '$${') return '${'
    const parts = close === '}' ? nameAndDefault.exec(inner ?? '') : null
    const name = parts?.[1]
    if (name === undefined) {
      report('a reference is written ${NAME} or ${NAME:-default}; write $${ for a literal ${')
      return match
    }
    const value = environment[name]
    const fallback = parts?.[2]
    const isSet = value !== undefined && value !== ''
    sources.add(isSet || fallback === undefined ? `environment variable ${name}` : `default of ${name}`)
    if (isSet) return value
    if (fallback === undefined) {
      report(`environment variable ${name} is not set; set it, or give a default: \${${name}:-default}`)
    }
    return fallback ?? ''
  })
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
