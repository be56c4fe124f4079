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

/** What callers of other libraries give beside the messages. */
const fields = ['model', 'messages', 'tools', 'temperature', 'max_tokens', 'max_completion_tokens']

/**
 * @throws SluiceError `invalid_request` where tools are to be run by a call that does not, and for fields of a request among
 * the options of its call, where they would do nothing.
 */
export function refuseFields(options: object): void {
  for (const name of fields) {
    if ((options as Readonly<Record<string, unknown>>)[name] === undefined) continue
    const message = `\`${name}\` is a field of the request, not an option of its call: give it in the first argument.`
    throw new SluiceError('invalid_request', message, { param: name })
  }
  if (!('runTools' in options) || options.runTools === undefined) return
  const message =
    'Only `chat` and `stream` run tools: ask one of them with `runTools`; or ask without, and call what the answer has in `toolCalls` yourself.'
  throw new SluiceError('invalid_request', message, { param: 'runTools' })
}
