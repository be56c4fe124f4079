import {
  type HealthReport,
  type HealthSources,
  type ProviderHealthReport,
  reportHealth,
  type TargetHealth,
} from 'sluice'

/** The engine's report as `/api/llm/health` gives it. */
export function writeHealth(sources: HealthSources): object {
  const { status, providers }: HealthReport = reportHealth(sources)
  return { status, providers: providers.map(writeProvider) }
}

function writeProvider({ successRate, targets, ...rest }: ProviderHealthReport): object {
  return { ...rest, success_rate: successRate, targets: targets.map(writeTarget) }
}

function writeTarget({ timeToFirstToken, ...rest }: TargetHealth): object {
  return { ...rest, time_to_first_token_ms: timeToFirstToken }
}
