/** Which part of a list is asked for; newest first unless `order` says otherwise. */
export interface PageRequest {
  /** The id that the page before ended with. */
  readonly after: string | undefined
  readonly limit: number
  readonly order: 'asc' | 'desc'
}

export interface Page<Row> {
  readonly rows: readonly Row[]
  readonly more: boolean
}
