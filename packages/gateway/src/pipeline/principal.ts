/** Who calls. */
export interface Principal {
  /** Names the key without giving it away: `local`, `key-1` for the first of config, the id of a managed key. */
  readonly id: string
  /** Names it for what is kept beyond this process: the same wherever the key stands in config. */
  readonly owner: string
}
