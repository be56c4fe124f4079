/** What is read of the feed of https://github.com/pydantic/genai-prices (MIT). */
export interface PriceFeed {
  readonly source: string
  readonly version: string
  /** When the feed was published: `2026-11-04`. */
  readonly date: string
  readonly providers: readonly PriceFeedProvider[]
}

export interface PriceFeedProvider {
  readonly id: string
  /** Providers whose models it serves at their own prices. */
  readonly fallback_model_providers?: readonly string[] | null
  readonly models: readonly PriceFeedModel[]
}

export interface PriceFeedModel {
  readonly id: string
  readonly match: MatchLogic
  /** Tokens. */
  readonly context_window?: number
  readonly deprecated?: boolean
  /** The last one whose constraint holds counts; the first when none does. */
  readonly prices: FeedPrices | readonly DatedPrices[]
  /** Overrides for kinds of requests, key by key. */
  readonly price_variants?: readonly {
    readonly when: Readonly<Record<string, string>>
    readonly constraint?: Constraint
    readonly prices: FeedPrices
  }[]
}

export interface DatedPrices {
  readonly constraint?: Constraint
  readonly prices: FeedPrices
}

export type MatchLogic =
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string }
  | { readonly or: readonly MatchLogic[] }
  | { readonly and: readonly MatchLogic[] }

export type Constraint =
  | { readonly start_date: string }
  /** Times of the day, UTC. */
  | { readonly start_time: string; readonly end_time: string }

/** USD; the key's end says per what: `_mtok` per million tokens, `_kcount` per thousand. */
export type FeedPrices = Readonly<Record<string, FeedPrice>>

/** `start` is what the total input must exceed. */
export type FeedPrice =
  | number
  | { readonly base: number; readonly tiers: readonly { readonly start: number; readonly price: number }[] }
