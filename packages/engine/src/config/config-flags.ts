import type { LogLevel } from './config.ts'

/** What a command line says. */
export interface ConfigFlags {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly workers?: number | 'auto' | undefined
  readonly insecure?: boolean | undefined
  readonly logLevel?: LogLevel | undefined
}
