import { crc32, deflateSync } from 'node:zlib'
import type { Answer } from '../../answer.ts'
import { jsonAnswer } from '../../answer.ts'
import type { Dialect, DialectContext } from '../../dialect.ts'
import { words } from '../../reply/fragments.ts'
import { openaiHttp, requireModel } from '../openai/http.ts'
import { replyTo } from './ask.ts'
import { bytesOf } from './made-up.ts'
import { readChoice, readInteger, readModel, readObject, readText, refuse } from './refuse.ts'

/** Pictures of one pixel. https://platform.openai.com/docs/api-reference/images/create */
export const openaiImages: Dialect = {
  ...openaiHttp,
  id: 'openai-images',
  operation: 'image',
  method: 'POST',
  matches: (path) => path.endsWith('/images/generations'),
  answer(request, context) {
    const wire = readObject(request)
    const model = readModel(wire)
    const prompt = readText(wire['prompt'], 'prompt')
    const count = readInteger(wire['n'], 'n', 1, 10) ?? 1
    const format = readChoice(wire['response_format'], 'response_format', ['url', 'b64_json']) ?? 'b64_json'
    if (format === 'url' && model.startsWith('gpt-image'))
      refuse("Unknown parameter: 'response_format'.", 'response_format', 'unknown_parameter')
    return imageAnswer({ model, prompt, count, format, imageTokens: 0 }, context)
  },
}

export interface ImageAsk {
  readonly model: string
  readonly prompt: string
  readonly count: number
  readonly format: 'url' | 'b64_json'
  /** Of pictures that came with the request. */
  readonly imageTokens: number
}

export function imageAnswer({ model, prompt, count, format, imageTokens }: ImageAsk, context: DialectContext): Answer {
  requireModel(model, context.models)
  const textTokens = words(prompt).length
  const { usage, extra } = replyTo(context, { model, said: prompt, tokens: textTokens + imageTokens })
  return jsonAnswer(200, {
    created: Math.floor(Date.now() / 1000),
    data: Array.from({ length: count }, (_, index) =>
      format === 'url'
        ? { url: `https://images.example/${context.identity.id('img-')}.png` }
        : { b64_json: pixel(bytesOf(`${index}:${prompt}`, 3)).toString('base64') },
    ),
    ...(usage !== undefined && {
      usage: {
        input_tokens: usage.input,
        output_tokens: usage.output,
        total_tokens: usage.input + usage.output,
        input_tokens_details: { text_tokens: usage.input - imageTokens, image_tokens: imageTokens },
      },
    }),
    ...extra,
  })
}

/** A PNG of one pixel. https://www.w3.org/TR/png-3/ */
function pixel(color: Buffer): Buffer {
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0])
  const data = deflateSync(Buffer.concat([Buffer.of(0), color]))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
