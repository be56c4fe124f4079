import { SluiceError } from '@sluice/protocol'
import type { Command } from 'commander'
import { readCount, readDollars } from './read-amount.ts'
import { readList } from './read-list.ts'
import { readEnd } from './read-moment.ts'
import { asItIs, type Setting, settingOption, settingsGiven } from './setting-options.ts'

/** What a change begins with. */
interface Amounts {
  readonly limits: Readonly<Record<string, number>> | null
  readonly budget: object | null
}

const own: readonly Setting[] = [
  {
    member: 'models',
    flags: '--models <patterns>',
    description: 'the models that it may use: "gpt-*,!*-pro,anthropic/*"',
    read: readList,
  },
  {
    member: 'providers',
    flags: '--providers <patterns>',
    description: 'the providers that it may use',
    read: readList,
  },
  {
    member: 'operations',
    flags: '--operations <names>',
    description: 'what it may be used for: chat,embed',
    read: readList,
  },
  {
    member: 'addresses',
    flags: '--from <addresses>',
    description: 'where it may be used from: 203.0.113.7,10.0.0.0/8',
    read: readList,
  },
  {
    member: 'sites',
    flags: '--sites <ids>',
    description: 'the sites that it may act for, beside its own requests',
    read: readList,
  },
  { member: 'tags', flags: '--tags <tags>', description: 'for reports and budgets', read: readList },
  {
    member: 'default_route',
    flags: '--route <name>',
    description: 'the model or route of requests that name none',
    read: asItIs,
  },
]

const limits: readonly Setting[] = [
  {
    member: 'requests_per_minute',
    flags: '--requests-per-minute <number>',
    description: 'how many requests it may make in a minute',
    read: readCount,
  },
  {
    member: 'tokens_per_minute',
    flags: '--tokens-per-minute <number>',
    description: 'how many tokens it may use in a minute',
    read: readCount,
  },
  {
    member: 'concurrent_requests',
    flags: '--concurrent-requests <number>',
    description: 'how many requests at once',
    read: readCount,
  },
]

const budget: readonly Setting[] = [
  { member: 'amount', flags: '--budget <usd>', description: 'what it may spend: 1, 0.5', read: readDollars },
  {
    member: 'period',
    flags: '--budget-period <period>',
    description: 'daily, weekly, monthly or total (default: monthly)',
    read: asItIs,
  },
]

const rest: readonly Setting[] = [
  {
    member: 'expires_at',
    flags: '--expires <when>',
    description: 'for how long, as 30d, 12h, 45m, or until when, as 2027-01-31',
    read: readEnd,
  },
  {
    member: 'role',
    flags: '--role <role>',
    description: 'for the admin API: owner, admin, operator, developer or viewer',
    read: asItIs,
  },
]

/** The options that say what a key may do. */
export function withKeySettings(command: Command, purpose: 'new' | 'change'): Command {
  for (const setting of [...own, ...limits, ...budget, ...rest]) command.addOption(settingOption(setting, purpose))
  return command
}

/**
 * What they say, as the admin API takes it: limits and budget as they are from then on.
 *
 * @throws SluiceError `invalid_config`
 */
export function keySettings(
  options: Readonly<Record<string, unknown>>,
  before: Amounts = { limits: null, budget: null },
): Readonly<Record<string, unknown>> {
  const said = settingsGiven([...own, ...rest], options)
  const most = settingsGiven(limits, options)
  const spend = settingsGiven(budget, options)
  return {
    ...said,
    ...(said['tags'] === null && { tags: [] }),
    ...(Object.keys(most).length > 0 && { limits: laidOver(before.limits, most) }),
    ...(Object.keys(spend).length > 0 && { budget: budgetGiven(before.budget, spend) }),
  }
}

function budgetGiven(before: object | null, given: Readonly<Record<string, unknown>>): object | null {
  if (given['amount'] === null) return null
  if (before === null && given['amount'] === undefined)
    throw new SluiceError('invalid_config', '--budget-period says how often a budget begins anew: give --budget too.')
  return laidOver(before, given)
}

function laidOver(before: object | null, given: Readonly<Record<string, unknown>>): object | null {
  const left = Object.entries({ ...before, ...given }).filter(([, value]) => value !== null)
  return left.length === 0 ? null : Object.fromEntries(left)
}
