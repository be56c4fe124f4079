import { SluiceError } from '@sluice/protocol'
import { Command } from 'commander'
import type { Database } from '../../stores/database.ts'
import { formatTable } from '../format-table.ts'
import { configOption, jsonOption } from '../options.ts'
import type { Terminal } from '../terminal.ts'

interface Options {
  readonly config?: string
  readonly json?: true
}

interface RollbackOptions extends Options {
  readonly to?: string
  readonly yes?: true
}

/** `sluice db status`, `sluice db migrate`, `sluice db rollback` */
export function dbCommand(terminal: Terminal): Command {
  const status = new Command('status')
    .description('Show the migrations of the schema, and which of them are applied.')
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options: Options) => showStatus(options, terminal))
  const forward = new Command('migrate')
    .description('Bring the schema up to date.')
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options: Options) => migrateForward(options, terminal))
  const backward = new Command('rollback')
    .description('Undo the newest migration; what only the newer schema holds is lost. Stop the gateways before.')
    .option('--to <migration>', 'undo all after this one, which stays; "none" undoes all')
    .option('--yes', 'do it; without it, only say what would be undone')
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options: RollbackOptions) => rollBack(options, terminal))
  return new Command('db')
    .description("Look after the database's schema.")
    .addCommand(status)
    .addCommand(forward)
    .addCommand(backward)
}

async function showStatus(options: Options, terminal: Terminal): Promise<void> {
  const [{ readMigrations }, { migrations }] = await Promise.all([
    import('../../stores/migrate.ts'),
    import('../../stores/migrations/migrations.ts'),
  ])
  await withDatabase(options, terminal, 'look', async (database, place) => {
    const applied = (await readMigrations(database)) ?? []
    const known = migrations.map(({ name }) => ({
      name,
      applied_at: applied.find((one) => one.name === name)?.applied_at ?? null,
      known: true,
    }))
    const unknown = applied
      .filter(({ name }) => !migrations.some((migration) => migration.name === name))
      .map((migration) => ({ ...migration, known: false }))
    const all = [...known, ...unknown]
    if (options.json) {
      terminal.stdout.write(`${JSON.stringify({ database: place, migrations: all }, undefined, 2)}\n`)
      return
    }
    const rows = all.map((migration) => [
      migration.name,
      migration.applied_at === null ? 'not applied' : `applied ${new Date(migration.applied_at).toISOString()}`,
      migration.known ? '' : 'not known to this version',
    ])
    terminal.stdout.write(`${place}\n${formatTable(rows)}`)
  })
}

async function migrateForward(options: Options, terminal: Terminal): Promise<void> {
  const [{ migrate }, { migrations }] = await Promise.all([
    import('../../stores/migrate.ts'),
    import('../../stores/migrations/migrations.ts'),
  ])
  await withDatabase(options, terminal, 'make', async (database, place) => {
    const names = await migrate(database, migrations)
    report(names, 'applied', 'The schema is up to date already.', place, options, terminal)
  })
}

async function rollBack(options: RollbackOptions, terminal: Terminal): Promise<void> {
  const [{ migrate, readMigrations }, { migrations }] = await Promise.all([
    import('../../stores/migrate.ts'),
    import('../../stores/migrations/migrations.ts'),
  ])
  const { appliedOf } = await import('../../stores/check-schema.ts')
  await withDatabase(options, terminal, 'look', async (database, place) => {
    const applied = appliedOf(await readMigrations(database), migrations) ?? []
    const names = applied.map(({ name }) => name)
    const count = options.to === undefined ? Math.max(0, names.length - 1) : countUpTo(options.to, names)
    const undone = names.slice(count).toReversed()
    if (undone.length > 0 && !options.yes) {
      throw new SluiceError(
        'invalid_config',
        `This would undo ${undone.join(', ')} in ${place}, and what is kept there is lost. Say --yes to do it.`,
      )
    }
    await migrate(database, migrations, count)
    report(undone, 'undone', 'No migration is applied.', place, options, terminal)
  })
}

function countUpTo(name: string, applied: readonly string[]): number {
  if (name === 'none') return 0
  const index = applied.indexOf(name)
  if (index >= 0) return index + 1
  throw new SluiceError(
    'invalid_config',
    `${JSON.stringify(name)} is not applied. Those that are: ${applied.join(', ') || 'none'}.`,
  )
}

function report(
  names: readonly string[],
  done: 'applied' | 'undone',
  nothing: string,
  place: string,
  { json }: Options,
  terminal: Terminal,
): void {
  if (json) terminal.stdout.write(`${JSON.stringify({ database: place, [done]: names }, undefined, 2)}\n`)
  else terminal.stdout.write(names.length === 0 ? `${nothing}\n` : names.map((name) => `${done} ${name}\n`).join(''))
}

async function withDatabase(
  options: Options,
  terminal: Terminal,
  purpose: 'look' | 'make',
  work: (database: Database, place: string) => Promise<void>,
): Promise<void> {
  const [{ readConfiguration, requireStores }, { connectDatabase }, { describePlace, isThere }] = await Promise.all([
    import('../read-config.ts'),
    import('../../stores/database.ts'),
    import('../../stores/place.ts'),
  ])
  const { server } = requireStores(await readConfiguration(terminal, options.config))
  const place = server.databaseUrl?.reveal() ?? server.dataDir
  // Who only looks makes nothing.
  const opened = purpose === 'make' || isThere(place) ? place : ':memory:'
  const database = await connectDatabase(opened, { connections: 1, patience: 0 })
  try {
    await work(database, describePlace(place))
  } finally {
    await database.destroy()
  }
}
