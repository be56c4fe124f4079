import { Command } from 'commander'
import { version } from 'sluice'
import { auditCommand } from './commands/audit.ts'
import { budgetsCommand } from './commands/budgets.ts'
import { cacheCommand } from './commands/cache.ts'
import { chatCommand } from './commands/chat.ts'
import { configCommand } from './commands/config.ts'
import { dbCommand } from './commands/db.ts'
import { explainCommand } from './commands/explain.ts'
import { keysCommand } from './commands/keys.ts'
import { limitsCommand } from './commands/limits.ts'
import { modelsCommand } from './commands/models.ts'
import { providersCommand } from './commands/providers.ts'
import { routeCommand } from './commands/route.ts'
import { secretsCommand } from './commands/secrets.ts'
import { sitesCommand } from './commands/sites.ts'
import { serveCommand } from './commands/serve.ts'
import { usageCommand } from './commands/usage.ts'
import type { Terminal } from './terminal.ts'

/**
 * The command line. Declaring it loads nothing but the declarations: each command imports what it works with when
 * it runs.
 */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('sluice')
    .description('One gateway for every LLM provider.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration.')
  program.addCommand(serveCommand(terminal))
  program.addCommand(chatCommand(terminal))
  program.addCommand(modelsCommand(terminal))
  program.addCommand(providersCommand(terminal))
  program.addCommand(routeCommand(terminal))
  program.addCommand(explainCommand(terminal))
  program.addCommand(keysCommand(terminal))
  program.addCommand(sitesCommand(terminal))
  program.addCommand(secretsCommand(terminal))
  program.addCommand(budgetsCommand(terminal))
  program.addCommand(limitsCommand(terminal))
  program.addCommand(auditCommand(terminal))
  program.addCommand(cacheCommand(terminal))
  program.addCommand(dbCommand(terminal))
  program.addCommand(usageCommand(terminal))
  program.addCommand(configCommand(terminal))
  for (const command of withDescendants(program)) settle(command, terminal)
  return program.helpCommand('help [command]', 'print the help of a command')
}

/** The command and all below it, parents first. */
export function withDescendants(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withDescendants)]
}

function settle(command: Command, terminal: Terminal): void {
  command
    .exitOverride()
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({ helpWidth: 100 })
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    })
    .showHelpAfterError('(--help shows what is possible)')
}
