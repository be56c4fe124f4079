import { SluiceError } from '../../errors/sluice-error.ts'

/** A model's id may be an ARN, with colons and slashes: it is one segment of the path. */
export function pathFor(model: string, stream: boolean): string {
  return `/model/${encodeURIComponent(model.toWellFormed())}/${stream ? 'converse-stream' : 'converse'}`
}

/**
 * Reads `…/model/{modelId}/converse` and `…/converse-stream`; ids come encoded, and from some clients as they are.
 * @throws SluiceError `path_not_found` for another operation, `invalid_model_name` for an id that cannot be decoded.
 */
export function peekPath(path: string): { readonly model: string; readonly stream: boolean } {
  const [plain = ''] = path.split('?', 1)
  const found = /\/model\/(.+)\/(converse|converse-stream)$/.exec(plain)
  if (found === null)
    throw new SluiceError(
      'path_not_found',
      'Of a model of Bedrock, only /converse and /converse-stream are served here.',
    )
  const [, id = '', operation] = found
  return { model: decodeId(id), stream: operation === 'converse-stream' }
}

function decodeId(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch (cause) {
    throw new SluiceError('invalid_model_name', "The model's id in the path is not encoded well.", { cause })
  }
}
