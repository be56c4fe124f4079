import type { SluiceError } from '../errors/sluice-error.ts'
import type { Annotation, ContentPart, TokenLogprob } from './chat.ts'
import type { Extensions, Warning } from './extensions.ts'
import type { FinishReason } from './finish-reason.ts'
import type { Usage } from './usage.ts'

/**
 * One step of a streamed answer. `choice` is the choice's index; `part` counts the parts of that choice from
 * zero in the order in which they were opened. Every part is opened by `part-start`, grows by deltas and is
 * closed by `part-end` before `choice-finish`. A stream that ends without `message-end` was cut.
 */
export type ChatEvent =
  | {
      readonly type: 'message-start'
      readonly id: string
      readonly model: string
      readonly created?: number
      readonly serviceTier?: string | null
      readonly extensions?: Extensions
    }
  /** `content` is the part as it stands at its opening: usually empty text, or a call with its id and name. */
  | { readonly type: 'part-start'; readonly choice: number; readonly part: number; readonly content: ContentPart }
  /** Appends to the `text` of a text, refusal or reasoning part. */
  | { readonly type: 'text-delta'; readonly choice: number; readonly part: number; readonly text: string }
  /** Appends to the `input` of a tool call. */
  | { readonly type: 'tool-input-delta'; readonly choice: number; readonly part: number; readonly input: string }
  | {
      readonly type: 'audio-delta'
      readonly choice: number
      readonly part: number
      /** Base64; pieces are concatenated as text. */
      readonly data?: string
      readonly transcript?: string
      readonly expiresAt?: number
    }
  | { readonly type: 'annotation-add'; readonly choice: number; readonly part: number; readonly annotation: Annotation }
  /** Sets the signature or the encrypted form of a reasoning part. */
  | {
      readonly type: 'reasoning-seal'
      readonly choice: number
      readonly part: number
      readonly signature?: string
      readonly encrypted?: string
    }
  | { readonly type: 'part-end'; readonly choice: number; readonly part: number }
  | {
      readonly type: 'logprobs-add'
      readonly choice: number
      readonly content?: readonly TokenLogprob[]
      readonly refusal?: readonly TokenLogprob[]
    }
  /** Merged, field by field, into the choice's extensions. */
  | { readonly type: 'choice-extend'; readonly choice: number; readonly extensions: Extensions }
  | {
      readonly type: 'choice-finish'
      readonly choice: number
      readonly finishReason: FinishReason
      readonly providerFinishReason?: string
    }
  /** Replaces any earlier usage: providers that repeat it count up. */
  | { readonly type: 'usage'; readonly usage: Usage }
  /** Merged, field by field, into the result's extensions. */
  | { readonly type: 'message-extend'; readonly serviceTier?: string | null; readonly extensions?: Extensions }
  | { readonly type: 'warning'; readonly warning: Warning }
  /** The stream failed; nothing follows. */
  | { readonly type: 'error'; readonly error: SluiceError }
  /** The stream is whole. */
  | { readonly type: 'message-end' }
