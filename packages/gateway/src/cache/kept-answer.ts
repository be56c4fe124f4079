import type { FinishReason, Warning } from '@sluice/protocol'
import type { UpstreamHeaders } from 'sluice'

/** A whole, good answer, as it is kept to be given again. */
export interface KeptAnswer {
  /** Who asked first. */
  readonly asker: Asker
  /** Id of the provider that gave it. */
  readonly provider: string
  /** As the provider names it. */
  readonly model: string
  readonly headers: UpstreamHeaders
  readonly stream: boolean
  readonly finishReason: FinishReason | undefined
  /** What its caller was told to be lost or changed. */
  readonly warnings: readonly Warning[]
  /** As they came, so that a stream that is given again is cut as it was. */
  readonly pieces: readonly Uint8Array[]
  /** Milliseconds since 1970. */
  readonly keptAt: number
}

/** Ids of whose request it was. */
export interface Asker {
  readonly key: string
  readonly workspace?: string
  readonly organisation?: string
}

/** Bytes that it takes, about. */
export function sizeOf({ pieces }: KeptAnswer): number {
  // Each piece is an object of its own beside its bytes.
  return pieces.reduce((sum, piece) => sum + piece.length + 128, 512)
}
