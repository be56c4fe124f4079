/** How many tokens a chat request comes to as input; the request itself is a `ChatRequest`. */
export interface TokenCountResult {
  readonly tokens: number
  /** Counting costs nothing. */
  readonly usage?: never
}
