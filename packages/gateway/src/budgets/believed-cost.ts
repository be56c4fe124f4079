import type { Usage } from '@sluice/protocol'
import { type ConfiguredProvider, type Cost, type CostContext, costOf, type ModelPrice } from 'sluice'
import { isNamedByTenant } from '../access/site-provider.ts'
import { mostOfRecord } from '../ledger/well-formed-entry.ts'

/**
 * The cost of an answer, as far as it is believed. Budgets are shared: what a server of a tenant's own says that it cost is
 * left out, and nothing costs more than the ledger keeps.
 */
export function believedCost(
  usage: Usage,
  provider: ConfiguredProvider,
  price: ModelPrice | undefined,
  context: CostContext,
): Cost {
  const counts = usage.reported !== undefined && isNamedByTenant(provider) ? { ...usage, reported: {} } : usage
  const cost = costOf(counts, price, context)
  return cost.nanoDollars === null || cost.nanoDollars <= mostOfRecord ? cost : { ...cost, nanoDollars: mostOfRecord }
}
