import { decodeFloats, encodeFloats } from '../bytes/float-base64.ts'
import type { CodecContext } from '../dialect.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { EmbedInput, Embedding, EmbedRequest, EmbedResult } from './embed.ts'

/** The vector's numbers, whichever form of floats it came in. */
export function floatsOf({ float, base64 }: Embedding): readonly number[] {
  const numbers = float ?? (base64 === undefined ? undefined : decodeFloats(base64))
  if (numbers !== undefined) return numbers
  throw new SluiceError('upstream_invalid_response', 'The provider gave a vector that has no floating-point numbers.')
}

/** The vector as base64 of floats, made here where the provider gave numbers. */
export function base64Of(embedding: Embedding): string {
  return embedding.base64 ?? encodeFloats(floatsOf(embedding))
}

/** @throws SluiceError `upstream_invalid_response` when the provider did not give one vector for each input. */
export function embeddingsFor(result: EmbedResult, { inputs }: EmbedRequest): readonly Embedding[] {
  const { length } = result.embeddings
  if (length === inputs.length) return result.embeddings
  throw new SluiceError('upstream_invalid_response', `The provider gave ${length} vectors for ${inputs.length} inputs.`)
}

/**
 * The inputs for a wire that takes texts only.
 * @throws SluiceError `invalid_request` for tokens and media, which cannot be left out.
 */
export function textsOf(inputs: readonly EmbedInput[]): readonly string[] {
  return inputs.map((input, index) => {
    if (input.type === 'text') return input.text
    if (input.type === 'tokens') throw noTokens(index)
    return input.parts.map((part) => (part.type === 'text' ? part.text : refuseMedia(index))).join('\n')
  })
}

/** Only who made the model's tokenizer can read them. */
export function noTokens(index: number): SluiceError {
  return new SluiceError(
    'invalid_request',
    "The provider of this model takes text and no tokens. Send the input's text instead.",
    { param: `input[${index}]` },
  )
}

function refuseMedia(index: number): never {
  throw new SluiceError(
    'invalid_request',
    'The provider of this model embeds text only, by the API it is called by. Send text, or choose another model.',
    { param: `input[${index}]` },
  )
}

/** Reports the members of a request that a wire has no place for. */
export function dropMembers(
  request: EmbedRequest,
  members: readonly (keyof EmbedRequest)[],
  wire: string,
  context: CodecContext,
): void {
  for (const member of members) {
    if (request[member] === undefined) continue
    context.warn({
      code: 'field-dropped',
      path: member,
      message: `${wire} has nothing that says '${member}'; it was left out.`,
    })
  }
}

/** As `dropMembers`, of the titles that only Google gives to documents. */
export function dropTitles({ inputs }: EmbedRequest, wire: string, context: CodecContext): void {
  if (inputs.some((input) => input.type !== 'tokens' && input.title !== undefined))
    context.warn({
      code: 'field-dropped',
      path: 'inputs[].title',
      message: `${wire} gives no titles to what it embeds; they were left out.`,
    })
}

/** For a caller who is given floats though other forms were asked for as well, or only. */
export function warnOfFormats({ formats }: EmbedRequest, context: CodecContext): void {
  const other = formats?.filter((format) => format !== 'float' && format !== 'base64') ?? []
  if (other.length > 0)
    context.warn({
      code: 'value-changed',
      path: 'formats',
      message: `The provider of this model gives floats only, not ${other.join(', ')}; floats are given instead.`,
    })
}
