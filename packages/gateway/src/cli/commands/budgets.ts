import { Command } from 'commander'
import { formatTable } from '../format-table.ts'
import { adminUrlOption, configOption, type GatewayOptions, jsonOption, keyOption } from '../options.ts'
import type { Terminal } from '../terminal.ts'

type Options = GatewayOptions & { readonly json?: true }

/** What is used here of a budget as the admin API shows it. */
interface Budget {
  readonly name: string
  readonly per: string
  readonly subject: string
  readonly period: string
  readonly ends_at: string | null
  readonly amount: number
  readonly spent: number
  readonly remaining: number
}

/** `sluice budgets` */
export function budgetsCommand(terminal: Terminal): Command {
  return new Command('budgets')
    .description('Show what is spent of budgets in their present periods.')
    .addOption(adminUrlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options: Options) => showBudgets(options, terminal))
}

async function showBudgets(options: Options, terminal: Terminal): Promise<void> {
  const { openAdminClient } = await import('../open-admin-client.ts')
  const client = await openAdminClient(options, terminal)
  try {
    const { data } = (await client.request('GET', '/budgets')) as { readonly data: readonly Budget[] }
    if (options.json) terminal.stdout.write(`${JSON.stringify(data, undefined, 2)}\n`)
    else if (data.length === 0) terminal.stdout.write('Nothing is spent of any budget, or there are none.\n')
    else {
      const rows = data.map((budget) => [
        budget.name,
        budget.subject === '' ? 'all' : `${budget.per} ${budget.subject}`,
        `${budget.amount} ${budget.period}`,
        String(budget.spent),
        String(budget.remaining),
        budget.ends_at === null ? 'never' : `${budget.ends_at.slice(0, 16)}Z`,
      ])
      terminal.stdout.write(formatTable([['BUDGET', 'OF', 'USD', 'SPENT', 'LEFT', 'BEGINS ANEW'], ...rows]))
    }
  } finally {
    await client.close()
  }
}
