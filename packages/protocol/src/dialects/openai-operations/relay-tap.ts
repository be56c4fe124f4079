import type { Tap } from '../../dialect.ts'

/** Watches nothing: for answers that are bytes of some media type, or streams without usage. Whole when they end well. */
export function createRelayTap(): Tap {
  return createRelayTapOf(() => undefined)
}

/** The same, of an answer whose usage is known otherwise. */
export function createRelayTapOf(usage: Tap['usage']): Tap {
  let started = false
  let complete = false
  return {
    write(chunk) {
      started = true
      return chunk
    },
    end() {
      complete = true
      return undefined
    },
    get started() {
      return started
    },
    get complete() {
      return complete
    },
    error: undefined,
    usage,
    finishReason: () => undefined,
  }
}
