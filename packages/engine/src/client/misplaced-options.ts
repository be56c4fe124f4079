import { SluiceError } from '@sluice/protocol'

/** Of a request: fields that nobody has, since they are options of the call, its second argument. */
export interface WithoutCallOptions {
  readonly signal?: never
  readonly runTools?: never
}

/** @throws SluiceError `invalid_request` for options of a call in its request, where they would be sent and do nothing. */
export function refuseOptions(request: unknown): void {
  if (typeof request !== 'object' || request === null) return
  for (const name of ['signal', 'runTools']) {
    if ((request as Readonly<Record<string, unknown>>)[name] === undefined) continue
    const message = `\`${name}\` is an option of the call, not a field of its request: give it in the second argument.`
    throw new SluiceError('invalid_request', message, { param: name })
  }
}

/** @throws SluiceError `invalid_request` where tools are to be run by a call that does not. */
export function refuseTools(options: object): void {
  if (!('runTools' in options) || options.runTools === undefined) return
  const message =
    'Only `chat` and `stream` run tools: ask one of them with `runTools`; or ask without, and call what the answer has in `toolCalls` yourself.'
  throw new SluiceError('invalid_request', message, { param: 'runTools' })
}
