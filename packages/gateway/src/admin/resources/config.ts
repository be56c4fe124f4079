import { version } from 'sluice'
import * as z from 'zod/mini'
import { explainConfig } from '../../config/explain-config.ts'
import type { AdminParts } from '../admin-parts.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { checkWholeGateway } from './whole-gateway.ts'

/** What runs. */
export const configEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/config',
    permission: 'gateway:read',
    summary:
      'Show every setting that runs, where each came from, and what the file and the database each own. No secrets.',
    answer: z.object({
      object: z.literal('config'),
      version: z.string(),
      file: z.nullable(z.string()),
      settings: z.array(
        z.object({
          path: z.string(),
          value: z.nullable(z.union([z.string(), z.number(), z.boolean()])),
          origin: z.nullable(z.string()),
        }),
      ),
      owned: z.array(z.object({ resource: z.string(), config: z.int(), database: z.int() })),
    }),
    async handle({ actor }, parts) {
      checkWholeGateway(actor)
      const { config, source } = parts
      const settings = explainConfig(config, source?.origins ?? new Map())
      return {
        object: 'config',
        version,
        file: source?.file ?? null,
        settings: settings.map(({ path, value, origin }) => ({
          path,
          value: value ?? null,
          // Where nobody told, nobody knows.
          origin: source === undefined ? null : origin,
        })),
        owned: await owned(parts),
      }
    },
  }),
]

const tables = ['organisations', 'workspaces', 'users', 'site_settings'] as const

async function owned({ config, database }: AdminParts): Promise<readonly object[]> {
  const count = async (table: (typeof tables)[number] | 'keys' | 'limit_rules' | 'budget_rules'): Promise<number> => {
    const query = database.selectFrom(table).select(({ fn }) => fn.countAll().as('count'))
    return Number((await query.executeTakeFirstOrThrow()).count)
  }
  const { providers, models, routes, server, limits, budgets, prompts } = config
  return [
    { resource: 'providers', config: providers.length, database: 0 },
    { resource: 'models', config: models.length, database: 0 },
    { resource: 'routes', config: routes.size, database: 0 },
    { resource: 'prompts', config: prompts.length, database: 0 },
    {
      resource: 'keys',
      config: server.keys.length + (server.adminKey === undefined ? 0 : 1),
      database: await count('keys'),
    },
    { resource: 'limits', config: limits.rules.length, database: await count('limit_rules') },
    { resource: 'budgets', config: budgets.rules.length, database: await count('budget_rules') },
    ...(await Promise.all(tables.map(async (table) => ({ resource: table, config: 0, database: await count(table) })))),
  ]
}
