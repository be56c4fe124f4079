import type { RegisteredModel } from '../models/model-registry.ts'

/** A model that can be asked, as plain data. */
export interface AvailableModel {
  /** `provider/model`, to be used as `model`. */
  readonly id: string
  /** For people to read. */
  readonly name: string
  /** Id of its configured provider. */
  readonly provider: string
  /** Other names that it goes by here. */
  readonly aliases: readonly string[]
  /** Tokens; absent when not known. */
  readonly contextWindow?: number
  /** Tokens; absent when not known. */
  readonly maxOutput?: number
  /** Empty when not known. */
  readonly capabilities: readonly string[]
  /** Who says so: the configuration, the provider, or a built-in list because the provider did not. */
  readonly source: 'config' | 'live' | 'fallback'
}

export function toAvailableModel(model: RegisteredModel): AvailableModel {
  const { id, name, provider, aliases, contextWindow, maxOutput, capabilities, source } = model
  return {
    id,
    name,
    provider: provider.id,
    aliases,
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutput !== undefined && { maxOutput }),
    capabilities,
    source,
  }
}
