import type { Dialect } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { arrayFraming } from './array-framing.ts'

/** `:generateContent` or `:streamGenerateContent` of a model; without `alt=sse` Google streams one growing JSON array. */
export function pathFor(model: string, stream: boolean): string {
  const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
  return `/models/${encodeURIComponent(model.toWellFormed())}:${method}`
}

/**
 * Reads `…/models/{model}:generateContent`. Clients send names with a slash both as it is and encoded, and names may
 * hold a colon.
 * @throws SluiceError `path_not_found` for another method, `invalid_model_name` for a name that cannot be decoded.
 */
export function peekPath(path: string, query?: string): ReturnType<NonNullable<Dialect['peekPath']>> {
  const start = path.indexOf('/models/') + '/models/'.length
  const colon = path.lastIndexOf(':')
  const method = colon < start ? '' : path.slice(colon + 1).split('?', 1)[0]
  if (method !== 'generateContent' && method !== 'streamGenerateContent') {
    throw new SluiceError(
      'path_not_found',
      'Of a model, only :generateContent and :streamGenerateContent are served here.',
    )
  }
  const model = decodeName(path.slice(start, colon))
  if (method === 'generateContent') return { model, stream: false }
  const events = query === undefined || /(?:^|&)(?:\$|%24)?alt=sse(?:&|$)/.test(query)
  return events ? { model, stream: true } : { model, stream: true, framing: arrayFraming }
}

/** @throws SluiceError `invalid_model_name` */
export function decodeName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch (cause) {
    throw new SluiceError('invalid_model_name', "The model's name in the path is not encoded well.", { cause })
  }
}
