import { SluiceError } from '@sluice/protocol'
import { Command } from 'commander'
import { formatTable } from '../format-table.ts'
import { type AdminOptions, withAdminOptions } from '../options.ts'
import { readEnd } from '../read-moment.ts'
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

interface Budget {
  readonly id: string
  readonly name: string
  readonly amount: number
  readonly raise?: { readonly by: number; readonly until: string }
}

/** `sluice budgets`, `sluice budgets raise` */
export function budgetsCommand(terminal: Terminal): Command {
  const raise = withAdminOptions(new Command('raise'))
    .description('Let more be spent of a budget for a while.')
    .argument('<budget>', 'its id; of a key’s own budget the id of the key')
    .requiredOption('--by <usd>', 'how much more: 50, 0.5')
    .requiredOption('--until <when>', 'for how long, as 7d, 12h, or until when, as 2027-01-31')
    .action((budget: string, _: unknown, command: Command) =>
      raiseBudget(budget, command.optsWithGlobals<RaiseOptions>(), terminal),
    )
  return withAdminOptions(new Command('budgets'))
    .description('Show what is spent and left of budgets in their present periods.')
    .action((options: AdminOptions) => showBudgets(options, terminal))
    .addCommand(raise)
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

async function raiseBudget(id: string, options: RaiseOptions, terminal: Terminal): Promise<void> {
  const body = { by: dollars(options.by), until: readEnd(options.until, '--until') }
  await withAdminClient(options, terminal, async (client) => {
    const budget = (await client.request('POST', `/budgets/${encodeURIComponent(id)}/raise`, body)) as Budget
    terminal.stdout.write(
      options.json
        ? `${JSON.stringify(budget, undefined, 2)}\n`
        : `The budget "${budget.name}" is ${budget.amount + body.by} USD until ${body.until}, then ${budget.amount} USD again.\n`,
    )
  })
}

function dollars(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0) return value
  throw new SluiceError('invalid_request', `--by: expected an amount in USD, not ${JSON.stringify(text)}.`)
}
