import type { OptionRow } from './option-row.ts'

/** How many processes there are, and what they share. */
export const processOptions: Readonly<Record<string, OptionRow>> = {
  'server.workers': {
    type: 'whole number, or `auto`',
    default: '1',
    meaning:
      '[Processes](scaling.md#workers) that share the port, so that all processors are used; `auto` is one for each. Only `sluice serve` reads it.',
  },
  'server.data_dir': { type: 'text', default: '.sluice', meaning: 'Folder for what the gateway keeps.' },
  'server.database_url': {
    type: '`postgres://user:password@host/database`',
    default: 'SQLite in `data_dir`',
    meaning: 'PostgreSQL, for [several gateways on one database](stores.md).',
  },
  'server.database_connections': {
    type: 'whole number',
    default: '10',
    meaning: 'The most connections to PostgreSQL that each process opens.',
  },
  'server.database_migrate': {
    type: 'true or false',
    default: 'true',
    meaning:
      "Bring the database's [schema](stores.md#the-schema) up to date when it is opened. `false`: one that is not up to date is refused until `sluice db migrate` has been run.",
  },
  'server.redis_url': {
    type: '`redis://:password@host/0`, `rediss://…` by TLS',
    default: '',
    meaning:
      'Redis or Valkey, for what several gateways [count together](stores.md). Without it each counts for itself.',
  },
  'server.poll_interval': {
    type: 'seconds',
    default: '0.5',
    meaning:
      'How often to check for changes of keys and sites by other processes. [Messages](scaling.md#what-is-changed-in-one-place) bring most of them sooner.',
  },
}
