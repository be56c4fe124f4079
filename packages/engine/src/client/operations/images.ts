import { type Dialect, openaiImageEdits, openaiImages, readUsage, SluiceError, type Usage } from '@sluice/protocol'
import {
  type AnswerFacts,
  type CallEngine,
  type CallOptions,
  encodeJson,
  makeCall,
  parseJson,
  type RequestBody,
} from '../call-engine.ts'
import { type FileInput, formBody } from './form-body.ts'
import type { WithoutCallOptions } from '../misplaced-options.ts'

/** OpenAI's request for pictures. https://platform.openai.com/docs/api-reference/images/create */
export interface ImageInput extends WithoutCallOptions {
  readonly model?: string | undefined
  readonly prompt: string
  /** How many; default 1. */
  readonly n?: number | undefined
  /** `1024x1024`, … */
  readonly size?: string | undefined
  readonly quality?: string | undefined
  readonly [field: string]: unknown
}

/** OpenAI's request for changed pictures. https://platform.openai.com/docs/api-reference/images/createEdit */
export interface ImageEditInput extends ImageInput {
  readonly image: FileInput | readonly FileInput[]
  /** Where it is transparent, the picture is changed. */
  readonly mask?: FileInput | undefined
}

/** Pictures, and how they were come by. */
export interface ImageAnswer extends AnswerFacts {
  /** As many as were asked for. */
  readonly images: readonly GeneratedImage[]
}

/** As bytes in base64 or as an address, as the model and `response_format` have it. */
export interface GeneratedImage {
  readonly base64?: string
  readonly url?: string
  /** What the model made of the prompt. */
  readonly revisedPrompt?: string
}

export function generateImages(engine: CallEngine, input: ImageInput, options: CallOptions): Promise<ImageAnswer> {
  const encode = (): RequestBody => {
    checkPrompt(input)
    return { body: encodeJson({ ...input, stream: undefined }) }
  }
  return askForImages(engine, openaiImages, encode, options)
}

export function editImages(engine: CallEngine, input: ImageEditInput, options: CallOptions): Promise<ImageAnswer> {
  const encode = (): Promise<RequestBody> => {
    checkPrompt(input)
    const { image, mask, stream: _, ...fields } = input
    if (image === undefined)
      throw new SluiceError('invalid_request', 'What is to be changed is given as `image`.', { param: 'image' })
    const images: readonly FileInput[] = Array.isArray(image) ? image : [image as FileInput]
    const name = Array.isArray(image) ? 'image[]' : 'image'
    return formBody(fields, [
      ...images.map((file) => [name, file, 'image.png'] as const),
      ...(mask === undefined ? [] : [['mask', mask, 'mask.png'] as const]),
    ])
  }
  return askForImages(engine, openaiImageEdits, encode, options)
}

/** Without types anything may come. */
function checkPrompt(input: ImageInput): void {
  if (typeof input?.prompt !== 'string')
    throw new SluiceError('invalid_request', 'What is to be seen is said by `prompt`, a text.', { param: 'prompt' })
}

function askForImages(
  engine: CallEngine,
  dialect: Dialect,
  encode: () => RequestBody | Promise<RequestBody>,
  options: CallOptions,
): Promise<ImageAnswer> {
  return makeCall(engine, { dialect, encode, decode: ({ body }) => readImages(parseJson(body)) }, options)
}

function readImages(wire: unknown): Pick<ImageAnswer, 'images'> & { readonly usage?: Usage } {
  const { data, usage: counts } = (wire ?? {}) as { readonly data?: unknown; readonly usage?: unknown }
  if (!Array.isArray(data)) throw new SluiceError('upstream_invalid_response', 'The answer is not a list of images.')
  const usage = readUsage(counts)
  return { images: data.map(readImage), ...(usage !== undefined && { usage }) }
}

function readImage(entry: unknown): GeneratedImage {
  const { b64_json: base64, url, revised_prompt: revisedPrompt } = (entry ?? {}) as Readonly<Record<string, unknown>>
  return {
    ...(typeof base64 === 'string' && { base64 }),
    ...(typeof url === 'string' && { url }),
    ...(typeof revisedPrompt === 'string' && { revisedPrompt }),
  }
}
