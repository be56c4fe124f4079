import type { Operation } from '@sluice/protocol'
import type { BudgetRule, LimitRule } from 'sluice'
import type { Role } from '../access/roles.ts'

/** Who calls. */
export interface Principal {
  /** Names the key without giving it away: `local`, `key-1` for the first of config, the id of a managed key. */
  readonly id: string
  /** Names it for what is kept beyond this process: the same wherever the key stands in config. */
  readonly owner: string
  /** Of a managed key. What follows is of such keys only. */
  readonly managed?: true
  /** Ids of whom the key belongs to. */
  readonly organisation?: string
  readonly workspace?: PrincipalWorkspace
  /** The id of `workspace` where the request is on its behalf, and not the key's own. */
  readonly site?: string
  readonly user?: string
  /** For reports and budgets; whatever its owner finds useful. */
  readonly tags?: readonly string[]
  /** Absent where the key may do everything that callers do. */
  readonly policy?: Policy
  /** Besides those of config. */
  readonly limits?: KeyLimits
  /** Absent where the key is for callers only, and not for the admin API. */
  readonly role?: Role
  /** Unix milliseconds. */
  readonly expiresAt?: number
  /** The model's or route's name for requests that name none. */
  readonly defaultRoute?: string
}

export interface PrincipalWorkspace {
  readonly id: string
  readonly kind: WorkspaceKind
  /** Which state of its settings for providers counts; absent where it has none. */
  readonly settings?: number
}

export interface KeyLimits {
  /** For its key alone, whatever their `per` says. */
  readonly limits: readonly LimitRule[]
  readonly budgets: readonly BudgetRule[]
  /** Of the database, which it shares with others. */
  readonly rules: readonly SharedRule[]
}

/** One of both. */
export interface SharedRule {
  readonly id: string
  readonly limit?: LimitRule
  readonly budget?: BudgetRule
}

export type WorkspaceKind = 'team' | 'site' | 'project'

/** What a key may do. A member that is absent forbids nothing. */
export interface Policy {
  /** Patterns of names, as `fitsPatterns` reads them: `gpt-*`, `openai/*`, `!*-pro`. */
  readonly models?: readonly string[]
  /** Patterns of ids of providers. */
  readonly providers?: readonly string[]
  /** `raw`, the raw proxy, shows all that a provider's account holds: it must be named to be allowed. */
  readonly operations?: readonly (Operation | 'raw')[]
  /** Addresses and ranges that it may be used from: `203.0.113.7`, `2001:db8::/32`. */
  readonly addresses?: readonly string[]
  /** Ids of sites that it may act for. Absent: of the key's workspace, or, where it has none, all of its organisation. */
  readonly sites?: readonly string[]
}
