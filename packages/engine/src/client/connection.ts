import type { ProviderHealth } from '../provider-kit/check-health.ts'
import type { ProviderDescription } from '../provider-kit/describe-provider.ts'
import type { RouteExplanation } from '../routing/explain-route.ts'
import type { AvailableModel } from './available-model.ts'
import type { CallEngine } from './call-engine.ts'
import type { ChatInputRequest } from './chat-input.ts'
import type { HealthReport } from './health-report.ts'
import type { Prompts } from './prompts.ts'

/** What answers a client: the engine in this process, or a gateway. */
export interface Connection {
  readonly calls: CallEngine
  listModels(): Promise<readonly AvailableModel[]>
  providers(): Promise<readonly ProviderStatus[]>
  health(): Promise<HealthReport>
  explain(request: Partial<ChatInputRequest>): Promise<RouteExplanation>
  readonly prompts: Prompts
  /** @throws SluiceError `provider_not_found`, naming those that are there, where none of this name is configured. */
  requireProvider(name: string): Promise<void>
  /** Of a configured provider; of the gateway itself, where none is named. */
  checkHealth(provider: string | undefined): Promise<ProviderHealth>
  close(): Promise<void>
}

/** A configured provider, and how it is. */
export interface ProviderStatus extends ProviderDescription {
  /** Whether it serves names that nothing else claims. */
  readonly isDefault: boolean
  /** How many models it lists. */
  readonly models: number
  /** What it says when it is asked for something that costs nothing. */
  readonly health: ProviderHealth
}
