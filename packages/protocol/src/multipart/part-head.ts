import { SluiceError } from '../errors/sluice-error.ts'

/** What a part's head says. */
export interface PartHead {
  readonly name: string
  /** Absent for a plain field. */
  readonly filename: string | undefined
  /** Its content is not sent as it is. */
  readonly encoded: boolean
}

const parameter = /^\s*([!#$%&'*+.^_`|~0-9a-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";]*))\s*(?:;|$)/i
const plainEncodings: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary'])

/**
 * Strict where servers differ, so that nobody reads another name in it than we do.
 *
 * @param text ends with an empty line.
 * @throws SluiceError `invalid_request` for a part without exactly one name.
 */
export function readPartHead(text: string): PartHead {
  let disposition: string | undefined
  let encoded = false
  for (const line of text.split('\r\n')) {
    if (line === '') continue
    const [, name, value] =
      /^([!#$%&'*+.^_`|~0-9a-z-]+):[ \t]*([^\r\n\0]*)$/i.exec(line) ?? refuse('a line of its head is no header')
    if (name!.toLowerCase() === 'content-disposition') {
      if (disposition !== undefined) refuse('its head has two content dispositions')
      disposition = value!
    } else if (name!.toLowerCase() === 'content-transfer-encoding')
      encoded = !plainEncodings.has(value!.trim().toLowerCase())
  }
  const parameters = readParameters(disposition ?? refuse('its head has no content disposition'))
  const name = parameters.get('name')
  if (name === undefined || name.includes('\\') || parameters.has('name*')) refuse('it has no plain name')
  const filename = parameters.get('filename') ?? (parameters.has('filename*') ? '' : undefined)
  return { name, filename, encoded }
}

function readParameters(disposition: string): ReadonlyMap<string, string> {
  const type = /^form-data\s*(?:;|$)/i.exec(disposition) ?? refuse('its content disposition is not form-data')
  const parameters = new Map<string, string>()
  let rest = disposition.slice(type[0].length)
  while (rest.trim() !== '') {
    const [whole, name, quoted, token] = parameter.exec(rest) ?? refuse('its content disposition cannot be read')
    const key = name!.toLowerCase()
    if (parameters.has(key)) refuse(`its content disposition says ${key} twice`)
    parameters.set(key, quoted ?? token ?? '')
    rest = rest.slice(whole.length)
  }
  return parameters
}

function refuse(why: string): never {
  throw new SluiceError('invalid_request', `The form has a part that cannot be read: ${why}.`)
}
