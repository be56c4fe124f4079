import * as z from 'zod/mini'
import { dollars, type Shape } from './scalars.ts'

/** USD per million tokens or characters; `request`, `search` and `audio_minute` in USD for one. */
export interface PriceSettings {
  readonly input?: number | undefined
  readonly output?: number | undefined
  readonly cache_read?: number | undefined
  readonly cache_write?: number | undefined
  readonly cache_write_long?: number | undefined
  readonly audio_input?: number | undefined
  readonly audio_output?: number | undefined
  readonly image_input?: number | undefined
  readonly image_output?: number | undefined
  readonly characters?: number | undefined
  readonly audio_minute?: number | undefined
  readonly reasoning?: number | undefined
  readonly request?: number | undefined
  readonly search?: number | undefined
}

export const priceSchema = (): z.ZodMiniType<PriceSettings> =>
  z.strictObject({
    input: z.optional(dollars),
    output: z.optional(dollars),
    cache_read: z.optional(dollars),
    cache_write: z.optional(dollars),
    cache_write_long: z.optional(dollars),
    audio_input: z.optional(dollars),
    audio_output: z.optional(dollars),
    image_input: z.optional(dollars),
    image_output: z.optional(dollars),
    characters: z.optional(dollars),
    audio_minute: z.optional(dollars),
    reasoning: z.optional(dollars),
    request: z.optional(dollars),
    search: z.optional(dollars),
  } satisfies Shape<PriceSettings>)
