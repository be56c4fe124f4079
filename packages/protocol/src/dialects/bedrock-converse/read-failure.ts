import type { ErrorAnswer } from '../../dialect.ts'
import type { AwsEventHeaders } from '../../framing/aws-event-header.ts'
import type { AwsEventMessage } from '../../framing/aws-event-stream.ts'
import { parseJson } from '../../json/parse-json.ts'

const decoder = new TextDecoder()

/** The error that a message of a stream is: an exception of Bedrock's, or an error that is none of its own. */
export function readFailure({ headers, payload }: AwsEventMessage): ErrorAnswer | undefined {
  const kind = textOf(headers, ':message-type')
  if (kind === 'exception') {
    const text = decoder.decode(payload)
    return failure(textOf(headers, ':exception-type'), parseJson(text) ?? text)
  }
  if (kind !== 'error') return undefined
  return failure(textOf(headers, ':error-code'), { message: textOf(headers, ':error-message') })
}

function failure(type: string | undefined, body: unknown): ErrorAnswer {
  return { status: 200, header: (name) => (name === 'x-amzn-errortype' ? type : undefined), body }
}

export function textOf(headers: AwsEventHeaders, name: string): string | undefined {
  const header = headers.get(name)
  return header?.type === 'string' ? header.value : undefined
}
