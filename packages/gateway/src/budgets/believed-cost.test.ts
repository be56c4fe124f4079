import { noUsage } from '@sluice/protocol'
import { buildConfig, type ConfiguredProvider, flatPrice, providers as presets } from 'sluice'
import { expect, test } from 'vitest'
import type { SiteProvider } from '../access/site-provider.ts'
import { believedCost } from './believed-cost.ts'

const [ours] = buildConfig({ presets, input: { providers: { openai: { api_key: 'key' } } } }).providers as [
  ConfiguredProvider,
]
const tenants: SiteProvider = { ...ours, ofSite: 'address' }
const price = flatPrice('test', { output: 1_000_000 })
const context = { when: 0 }

test("a provider's own word counts, but that of a tenant's server", () => {
  const usage = { ...noUsage, output: 5, reported: { output: 5, costNanoDollars: 7_000 } }
  expect(believedCost(usage, ours, price, context)).toMatchObject({ source: 'provider', nanoDollars: 7_000 })
  expect(believedCost(usage, tenants, price, context)).toMatchObject({ source: 'table', nanoDollars: 5_000 })
  expect(believedCost(usage, tenants, undefined, context)).toMatchObject({ state: 'unpriced', nanoDollars: null })
})

test('nothing costs more than the ledger keeps, whoever says so', () => {
  const told = { ...noUsage, reported: { costNanoDollars: Number.MAX_SAFE_INTEGER } }
  expect(believedCost(told, ours, undefined, context)).toMatchObject({ source: 'provider', nanoDollars: 1e13 })
  expect(believedCost({ ...noUsage, output: 1e12 }, ours, price, context)).toMatchObject({ nanoDollars: 1e13 })
})
