/** What a page says of an option. */
export interface OptionRow {
  readonly type: string
  /** As written in a config file; empty where there is none. */
  readonly default: string
  readonly meaning: string
}
