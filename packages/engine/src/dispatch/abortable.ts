/** Something under way that can be given up. */
export interface Abortable {
  abort(): void
}
