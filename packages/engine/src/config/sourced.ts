import type { ConfigPath } from './config-problem.ts'

/** A value and where it came from. */
export interface Sourced<T> {
  readonly value: T
  /** For people: `default`, `preset groq`, `environment variable PORT`, `sluice.yaml:12`, `flag --port`. */
  readonly origin: string
  /** A more exact place for error messages: `sluice.yaml:12:9`. Default: `origin`. */
  readonly where?: string
}

/** Says where a part of the written config came from. */
export type Origin = <T>(value: T, path: ConfigPath) => Sourced<T>

/** What one source says about one provider. Headers have lower-case names; the timeout is in seconds. */
export interface ProviderLayer {
  readonly name?: Sourced<string> | undefined
  readonly baseUrl?: Sourced<string> | undefined
  readonly apiKey?: Sourced<string> | undefined
  /** Besides that one. */
  readonly moreKeys?: Sourced<readonly string[]> | undefined
  readonly headers?: Readonly<Record<string, Sourced<string>>> | undefined
  readonly timeout?: Sourced<number> | undefined
  readonly maxRetries?: Sourced<number> | undefined
  readonly defaultModel?: Sourced<string> | undefined
  readonly settings?: Readonly<Record<string, Sourced<string>>> | undefined
  readonly credentials?: Readonly<Record<string, Sourced<string>>> | undefined
}
