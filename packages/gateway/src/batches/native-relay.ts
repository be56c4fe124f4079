import { openaiChat, SluiceError } from '@sluice/protocol'
import { type BodyStream, collect, type ConfiguredProvider, destinationFor, scrubSecrets, type Transport } from 'sluice'
import type { Call } from '../server/call.ts'
import { queryOf } from '../server/query.ts'
import { RawRelay } from '../server/raw-proxy.ts'
import type { ErrorLog } from '../telemetry/error-log.ts'

/** The part of OpenAI's API that a provider has to have for it: as `speaks` of a provider names them. */
export type NativeApi = 'openai-files' | 'openai-batches'

export interface NativeRequest {
  readonly provider: ConfiguredProvider
  readonly api: NativeApi
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below the API's own path: `/file-1/content`, or nothing. */
  readonly below: string
  /** What goes along. Default: nothing. */
  readonly body?: { readonly type: string; readonly bytes: readonly Uint8Array[] | BodyStream }
}

/** Calls to the files and batches that a provider keeps itself. */
export interface NativeRelay {
  /** @returns the answer's JSON. Throws `SluiceError`: also what the provider answers with an error status. */
  ask(call: Call, request: NativeRequest): Promise<Readonly<Record<string, unknown>>>
  /** Relays an answer of any size to the caller as it comes. */
  stream(call: Call, request: NativeRequest): void
}

/** Of answers that are gathered: lists are the largest. */
const answerLimit = 16 * 1024 * 1024
/** Callers' words to us, which are no business of the provider's. */
const ourParameters: ReadonlySet<string> = new Set(['provider', 'key'])

export function createNativeRelay(transport: Transport, errorLog: ErrorLog): NativeRelay {
  function upstreamOf(call: Call, { provider, api, method, below, body }: NativeRequest) {
    const search = new URLSearchParams()
    for (const [name, value] of queryOf(call)) if (!ourParameters.has(name)) search.append(name, value)
    const path = `${pathOf(provider, api)}${below}${search.size === 0 ? '' : `?${search}`}`
    const { headers, ...destination } = destinationFor(provider, path, 'GET')
    const { timeout } = provider
    return {
      destination: { ...destination, headers: body === undefined ? headers : [...headers, 'content-type', body.type] },
      method,
      body: body?.bytes ?? [],
      timeouts: { connect: 10_000, firstByte: timeout, idle: timeout },
    }
  }

  return {
    async ask(call, request) {
      const { provider } = request
      const { status, headers, body } = await collect(transport, upstreamOf(call, request), answerLimit)
      const text = Buffer.from(body).toString()
      if (status >= 400) {
        const scrubbed = parse(scrubSecrets(text, provider))
        const header = (name: string): string | undefined => String(headers[name] ?? '') || undefined
        throw openaiChat.error.decode({ status, header, body: scrubbed })
      }
      const answer = parse(text)
      if (typeof answer === 'object' && answer !== null) return answer as Readonly<Record<string, unknown>>
      throw new SluiceError('upstream_invalid_response', 'The provider answered with something that is no JSON object.')
    },
    stream(call, request) {
      const relay = new RawRelay(call, request.provider, (_tap, error) => {
        if (error !== undefined) errorLog(call, error, [])
      })
      call.underWay = relay
      relay.flow = transport.send(upstreamOf(call, request), relay)
    },
  }
}

/** @throws SluiceError `unsupported_operation` */
function pathOf(provider: ConfiguredProvider, api: NativeApi): string {
  const spoken = provider.preset.speaks.find((one) => (typeof one === 'string' ? one : one.dialect) === api)
  if (spoken === undefined) {
    const what = api === 'openai-files' ? 'files' : 'batches'
    throw new SluiceError(
      'unsupported_operation',
      `${provider.name} has no ${what} of its own in OpenAI's form. Leave the provider out: then the gateway keeps files and runs batches itself.`,
    )
  }
  return (typeof spoken === 'string' ? undefined : spoken.path) ?? (api === 'openai-files' ? '/files' : '/batches')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
