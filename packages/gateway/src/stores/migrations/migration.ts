/**
 * One step of the schema, in SQL that SQLite and PostgreSQL both read. Statements end with `;` at the end of a line.
 * A step that was released is never edited: another follows it.
 */
export interface Migration {
  /** `0001-files-and-batches`; they are applied in the order of the list. */
  readonly name: string
  readonly up: string
  /** Undoes `up`; what is only in the newer schema is lost. */
  readonly down: string
}
