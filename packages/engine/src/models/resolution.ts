import type { SluiceError } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import type { RegisteredModel } from './model-registry.ts'

/** What a model's name leads to, and why. */
export interface Resolution {
  readonly provider: ConfiguredProvider
  /** As the provider is sent it. */
  readonly model: string
  /** The entry of the registry, where the model is known. */
  readonly entry: RegisteredModel | undefined
  /** What was tried, in order; the last one decided. */
  readonly steps: readonly ResolutionStep[]
}

/** A rule that was tried. */
export interface ResolutionStep {
  readonly rule: ResolutionRule
  readonly outcome: 'matched' | 'passed'
  /** Why, for people to read. */
  readonly detail: string
}

/** The rules by which a name is resolved, in the order in which they are tried. */
export type ResolutionRule =
  | 'tier-or-task'
  | 'config'
  | 'provider:model'
  | 'provider/model'
  | 'catalog'
  | 'provider'
  | 'owner'
  | 'default-provider'
  | 'other-providers'
  | 'default-model'

/** A resolution, or the error that says why there is none; with the steps in either case. */
export type Explanation = { readonly steps: readonly ResolutionStep[] } & (
  | { readonly resolution: Resolution; readonly error: undefined }
  | { readonly resolution: undefined; readonly error: SluiceError }
)
