import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import { createRelayTap } from './relay-tap.ts'
import { createOperationStreamTap } from './stream-tap.ts'

const marks = ['event:', 'data:', ':'].flatMap((mark) =>
  [mark, `\ufeff${mark}`].map((text) => new TextEncoder().encode(text)),
)
const longestMark = Math.max(...marks.map((mark) => mark.length))

/**
 * Watches an answer that may be JSON, a stream of events, or a text of some kind: a form asks for one of them in
 * fields that may come after its file. Tells them apart by how they begin.
 */
export function createAnswerTap(json: () => Tap): Tap {
  let tap: Tap | undefined
  let beginning: Uint8Array[] = []

  function choose(all: Uint8Array): Tap {
    if (all[firstOf(all)] === 0x7b) return json()
    return marks.some((mark) => mark.every((byte, index) => all[index] === byte))
      ? createOperationStreamTap()
      : createRelayTap()
  }

  return {
    write(chunk) {
      if (tap !== undefined) return tap.write(chunk)
      beginning.push(chunk)
      const all = joinBytes(beginning)
      if (all.length < longestMark) return undefined
      beginning = []
      tap = choose(all)
      return tap.write(all)
    },
    end() {
      if (tap !== undefined) return tap.end()
      const all = joinBytes(beginning)
      tap = choose(all)
      const first = all.length === 0 ? undefined : tap.write(all)
      const rest = tap.end()
      return first === undefined ? rest : rest === undefined ? first : joinBytes([first, rest])
    },
    get started() {
      return tap?.started === true
    },
    get complete() {
      return tap?.complete === true
    },
    get error() {
      return tap?.error
    },
    usage: () => tap?.usage(),
    finishReason: () => undefined,
  }
}

/** Where something begins that is no white space. */
function firstOf(bytes: Uint8Array): number {
  return bytes.findIndex((byte) => byte > 0x20)
}
