import type { BudgetRule, Config, LimitRule, RuleMatch } from 'sluice'

export type Setting = readonly [path: string, value: string | number | boolean | undefined]

/** What a configuration says of limits, budgets, routes, the cache and alerts, a line for each. */
export function explainRules({ limits, budgets, routes, cache, alerts }: Config): readonly Setting[] {
  return [
    ['limits.replicas', limits.replicas],
    ['limits.when_lost', limits.whenLost],
    ...limits.rules.map((rule, index): Setting => [`limits.rules[${index}]`, describeLimit(rule)]),
    ['budgets.unpriced', typeof budgets.unpriced === 'number' ? budgets.unpriced / 1e9 : budgets.unpriced],
    ['budgets.overrun', budgets.overrun],
    ['budgets.assumed_output_tokens', budgets.assumedOutput],
    ...budgets.rules.map((rule, index): Setting => [`budgets.rules[${index}]`, describeBudget(rule)]),
    ...(cache === undefined
      ? ([['cache', undefined]] as const)
      : ([
          ['cache.store', cache.store],
          ['cache.ttl', cache.ttl / 1000],
          ['cache.max_bytes', cache.maxBytes],
          ['cache.max_entry_bytes', cache.maxEntryBytes],
          ['cache.share', cache.share],
          ['cache.by_default', cache.byDefault],
          ['cache.semantic.model', cache.semantic?.model],
          ['cache.semantic.threshold', cache.semantic?.threshold],
          ['cache.semantic.share', cache.semantic && (cache.semantic.share ?? cache.share)],
          ['cache.semantic.by_default', cache.semantic?.byDefault],
          ['cache.semantic.max_temperature', cache.semantic?.maxTemperature],
          ['cache.semantic.max_entries', cache.semantic?.maxVectors],
          ['cache.semantic.timeout', cache.semantic && cache.semantic.timeout / 1000],
        ] as const)),
    ...[...routes.values()].map(({ name, strategy, targets }): Setting => [
      `routes.${name}`,
      `${strategy}: ${targets.map((target) => target.model).join(', ')}`,
    ]),
    // An address may hold a token.
    ...alerts.map(({ format, events }, index): Setting => [
      `alerts[${index}]`,
      `${format} [secret]: ${events.join(', ')}`,
    ]),
  ]
}

const periods: Readonly<Record<number, string>> = { 60_000: 'minute', 3_600_000: 'hour', 86_400_000: 'day' }

function describeLimit({ name, per, match, windows, concurrent }: LimitRule): string {
  const amounts = [
    ...windows.map(({ measure, period, most }) => `${most} ${measure.replace('-', ' ')} a ${periods[period]}`),
    ...(concurrent === undefined ? [] : [`${concurrent} requests at once`]),
  ]
  return `${name === undefined ? '' : `${name}, `}per ${per}${describeMatch(match)}: ${amounts.join(', ')}`
}

function describeBudget({ name, per, match, amount, period, stops }: BudgetRule): string {
  return `${name}, per ${per}${describeMatch(match)}: ${amount / 1e9} USD ${period}${stops ? '' : ', only told'}`
}

function describeMatch(match: RuleMatch): string {
  const given = Object.entries(match).filter(([, patterns]) => patterns !== undefined)
  return given.map(([name, patterns]) => ` of ${name} ${(patterns as readonly string[]).join(' ')}`).join('')
}
