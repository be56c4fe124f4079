import { answerLimit, SluiceError } from '@sluice/protocol'
import { openaiResponses } from '@sluice/protocol/dialects'
import {
  collect,
  type ConfiguredProvider,
  destinationFor,
  planFor,
  planPath,
  scrubSecrets,
  type Transport,
} from 'sluice'
import type { Call } from '../server/call.ts'
import type { RelayedResponse } from './response-store.ts'

export interface ProviderQuestion {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below the response: `input_items`. */
  readonly below: string | undefined
  readonly query: URLSearchParams
}

/** @returns the status that was answered. @throws SluiceError before anything was. */
export type RelayToProvider = (call: Call, response: RelayedResponse, question: ProviderQuestion) => Promise<number>

export interface RelayToProviderParts {
  readonly transport: Transport
  readonly findProvider: (id: string) => ConfiguredProvider | undefined
}

/** Asks the provider that keeps a response about it, and relays what it answers, byte for byte. */
export function createRelayToProvider({ transport, findProvider }: RelayToProviderParts): RelayToProvider {
  return async (call, response, question) => {
    const provider = findProvider(response.provider)
    if (provider === undefined) {
      throw new SluiceError(
        'provider_not_found',
        `The response is kept by the provider "${response.provider}", which is not configured any more, or is a site's own.`,
      )
    }
    const { timeout } = provider
    const { status, headers, body } = await collect(
      transport,
      {
        destination: destinationFor(provider, pathOf(provider, response, question), 'GET'),
        method: question.method,
        body: [],
        timeouts: { connect: 10_000, firstByte: timeout, idle: timeout },
      },
      answerLimit,
    )
    // That our key was refused is not the caller's fault, and no 401 of theirs.
    if (status === 401) {
      const header = (name: string): string | undefined => String(headers[name] ?? '') || undefined
      throw openaiResponses.error.decode({ status, header, body: undefined })
    }
    const said =
      status < 400 ? body : Buffer.from(scrubSecrets(Buffer.from(body).toString('latin1'), provider), 'latin1')
    const type = headers['content-type']
    call.response.writeHead(status, [
      'content-type',
      typeof type === 'string' ? type : 'application/json',
      'content-length',
      String(said.length),
      'x-request-id',
      call.id,
      'x-sluice-provider',
      provider.id,
    ])
    call.response.end(said)
    return status
  }
}

function pathOf(provider: ConfiguredProvider, { id, model }: RelayedResponse, question: ProviderQuestion): string {
  const plan = planFor(openaiResponses, provider, model, new Map())
  const [path = '', query] = planPath(plan, model, false).split('?', 2)
  const below = question.below === undefined ? '' : `/${question.below}`
  const search = new URLSearchParams(query)
  // A caller's key in the query is for us.
  for (const [name, value] of question.query) if (name !== 'key') search.append(name, value)
  return `${path}/${encodeURIComponent(id)}${below}${search.size === 0 ? '' : `?${search}`}`
}
