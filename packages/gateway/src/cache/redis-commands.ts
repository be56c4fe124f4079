/** Sends one command to wherever its key is. */
export interface RedisCommands {
  command(key: string, args: readonly string[]): Promise<unknown>
}
