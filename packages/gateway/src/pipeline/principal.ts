import type { Operation } from '@sluice/protocol'

/** Who calls. */
export interface Principal {
  /** Names the key without giving it away: `local`, `key-1` for the first of config, the id of a managed key. */
  readonly id: string
  /** Names it for what is kept beyond this process: the same wherever the key stands in config. */
  readonly owner: string
  /** What follows is of managed keys only: ids of whom the key belongs to. */
  readonly organisation?: string
  readonly workspace?: PrincipalWorkspace
  readonly user?: string
  /** For reports and budgets; whatever its owner finds useful. */
  readonly tags?: readonly string[]
  /** Absent where the key may do everything. */
  readonly policy?: Policy
  /** Unix milliseconds. */
  readonly expiresAt?: number
  /** The model's or route's name for requests that name none. */
  readonly defaultRoute?: string
}

export interface PrincipalWorkspace {
  readonly id: string
  readonly kind: WorkspaceKind
}

export type WorkspaceKind = 'team' | 'site' | 'project'

/** What a key may do. A member that is absent forbids nothing. */
export interface Policy {
  /** Patterns of names, as `fitsPatterns` reads them: `gpt-*`, `openai/*`, `!*-pro`. */
  readonly models?: readonly string[]
  /** Patterns of ids of providers. */
  readonly providers?: readonly string[]
  readonly operations?: readonly (Operation | 'raw')[]
  /** Addresses and ranges that it may be used from: `203.0.113.7`, `2001:db8::/32`. */
  readonly addresses?: readonly string[]
}
