import { Command } from 'commander'
import { findId } from '../find-id.ts'
import { formatTable } from '../format-table.ts'
import { type AdminOptions, withAdminOptions } from '../options.ts'
import { readCount, readDollars, readShares } from '../read-amount.ts'
import { readEnd } from '../read-moment.ts'
import { type Rule, ruleCommands, type RuleKind } from '../rule-commands.ts'
import { asItIs } from '../setting-options.ts'
import type { Terminal } from '../terminal.ts'
import { withAdminClient } from '../with-admin-client.ts'

interface RaiseOptions extends AdminOptions {
  readonly by: string
  readonly until: string
}

/** What is used here of a budget's state as the admin API shows it. */
interface BudgetState {
  readonly budget_id: string
  readonly owner: string
  readonly name: string
  readonly per: string
  readonly subject: string
  readonly period: string
  readonly resets_at: string | null
  readonly amount: number
  readonly spent: number
  readonly held: number | null
  readonly left: number
}

interface Budget extends Rule {
  readonly amount: number
  readonly period?: string
  readonly time_zone?: string
  readonly reset_day?: number
  readonly alert_at?: readonly number[]
  readonly stop?: boolean
  readonly raise?: { readonly by: number; readonly until: string }
}

const kind: RuleKind = {
  object: 'budget',
  path: '/budgets',
  id: /^(?:bud_\w+|config-\d+)$/,
  settings: [
    {
      member: 'amount',
      flags: '--amount <usd>',
      description: 'what may be spent: 50, 0.5',
      read: readDollars,
      required: true,
    },
    {
      member: 'period',
      flags: '--period <period>',
      description: 'daily, weekly, monthly or total (default: monthly)',
      read: asItIs,
    },
    {
      member: 'time_zone',
      flags: '--time-zone <name>',
      description: 'where its days begin: Europe/Berlin (default: UTC)',
      read: asItIs,
    },
    {
      member: 'reset_day',
      flags: '--reset-day <number>',
      description: 'the day of the week, 1 is Monday, or of the month, that it begins anew (default: 1)',
      read: readCount,
    },
    {
      member: 'alert_at',
      flags: '--alert-at <shares>',
      description: 'the shares of it that are told of when they are spent: 0.5,0.8',
      read: readShares,
    },
    { member: 'stop', flags: '--stop', description: 'refuse what it has no room for (the default)' },
    { member: 'stop', flags: '--no-stop', description: 'only tell of it' },
  ],
  describe: describeBudget,
}

/** A key has one of its own. */
const raisable = { ...kind, id: /^(?:(?:bud|key)_\w+|config-\d+)$/ }

/** `sluice budgets`, `sluice budgets create|list|show|update|raise|end-raise|delete` */
export function budgetsCommand(terminal: Terminal): Command {
  const raise = withAdminOptions(new Command('raise'))
    .description('Let more be spent of a budget for a while.')
    .argument('<budget>', 'its id or name; of a key’s own budget the id of the key')
    .requiredOption('--by <usd>', 'how much more: 50, 0.5')
    .requiredOption('--until <when>', 'for how long, as 7d, 12h, or until when, as 2027-01-31')
    .action((budget: string, _: unknown, command: Command) =>
      raiseBudget(budget, command.optsWithGlobals<RaiseOptions>(), terminal),
    )
  const end = withAdminOptions(new Command('end-raise'))
    .description('End a raise before its time.')
    .argument('<budget>', 'its id or name; of a key’s own budget the id of the key')
    .action((budget: string, _: unknown, command: Command) =>
      endRaise(budget, command.optsWithGlobals<AdminOptions>(), terminal),
    )
  const command = withAdminOptions(new Command('budgets'))
    .description('Show what is spent and left of budgets in their present periods.')
    .action((options: AdminOptions) => showBudgets(options, terminal))
  for (const one of [...ruleCommands(kind, terminal), raise, end]) command.addCommand(one)
  return command
}

async function showBudgets(options: AdminOptions, terminal: Terminal): Promise<void> {
  const states: BudgetState[] = []
  await withAdminClient(options, terminal, async (client) => {
    for await (const page of client.pages<BudgetState>('/budgets/state')) states.push(...page)
  })
  if (options.json) terminal.stdout.write(`${JSON.stringify(states, undefined, 2)}\n`)
  else if (states.length === 0) terminal.stdout.write('Nothing is spent of any budget, or there are none.\n')
  else {
    const rows = states.map((state) => [
      state.name,
      state.subject === '' ? 'all' : `${state.per} ${state.subject}`,
      `${state.amount} ${state.period}`,
      String(state.spent),
      String(state.left),
      state.held === null ? '–' : String(state.held),
      state.resets_at === null ? 'never' : `${state.resets_at.slice(0, 16)}Z`,
      state.owner,
      state.budget_id,
    ])
    const head = ['BUDGET', 'OF', 'USD', 'SPENT', 'LEFT', 'HELD', 'BEGINS ANEW', 'OWNER', 'ID']
    terminal.stdout.write(formatTable([head, ...rows]))
  }
}

async function raiseBudget(given: string, options: RaiseOptions, terminal: Terminal): Promise<void> {
  const body = { by: readDollars(options.by, '--by'), until: readEnd(options.until, '--until') }
  await withAdminClient(options, terminal, async (client) => {
    const id = await findId(given, raisable, client)
    const budget = (await client.request('POST', `/budgets/${id}/raise`, body)) as Budget
    terminal.stdout.write(
      options.json
        ? `${JSON.stringify(budget, undefined, 2)}\n`
        : `The budget "${budget.name}" is ${budget.amount + body.by} USD until ${body.until}, then ${budget.amount} USD again.\n`,
    )
  })
}

async function endRaise(given: string, options: AdminOptions, terminal: Terminal): Promise<void> {
  await withAdminClient(options, terminal, async (client) => {
    const id = await findId(given, raisable, client)
    const budget = (await client.request('DELETE', `/budgets/${id}/raise`)) as Budget
    terminal.stdout.write(
      options.json
        ? `${JSON.stringify(budget, undefined, 2)}\n`
        : `The budget "${budget.name}" is ${budget.amount} USD again.\n`,
    )
  })
}

function describeBudget(rule: Rule): string {
  const { amount, period, time_zone: zone, reset_day: day, alert_at: alerts, stop, raise } = rule as Budget
  return [
    `${amount} USD ${period ?? 'monthly'}`,
    ...(day === undefined || day === 1 ? [] : [`from day ${day} on`]),
    ...(zone === undefined || zone === 'UTC' ? [] : [`in ${zone}`]),
    ...(raise === undefined ? [] : [`${raise.by} more until ${raise.until}`]),
    ...(alerts === undefined || alerts.length === 0 ? [] : [`told of at ${alerts.join(', ')}`]),
    ...(stop === false ? ['never refused'] : []),
  ].join('; ')
}
