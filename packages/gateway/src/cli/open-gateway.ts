import { randomUUID } from 'node:crypto'
import { type ErrorCode, errorCodes, SluiceError } from '@sluice/protocol'
import { Secret } from 'sluice'
import type { Gateway } from '../compose.ts'
import type { GatewayOptions } from './options.ts'
import { readConfiguration, requireConfig } from './read-config.ts'
import type { Terminal } from './terminal.ts'

/** A gateway to ask: one that runs somewhere, or one of this process for as long as the command runs. */
export interface OpenGateway {
  /** The answer, when its status is good. Rejects with a `SluiceError` otherwise. */
  request(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>
  close(): Promise<void>
}

export async function openGateway(options: GatewayOptions, terminal: Terminal): Promise<OpenGateway> {
  const { environment } = terminal
  const url = options.url ?? nonEmpty(environment['SLUICE_URL'])
  if (url !== undefined)
    return clientOf(baseUrl(url), options.key ?? nonEmpty(environment['SLUICE_KEY']), async () => {})
  const gateway = await startOwnGateway(options.config, terminal)
  return clientOf(gateway.url, gateway.key, () => gateway.close())
}

/** Listens on a free port of the loopback, with a key that nobody else has. */
export async function startOwnGateway(
  file: string | undefined,
  terminal: Terminal,
): Promise<Gateway & { readonly key: string }> {
  const config = requireConfig(await readConfiguration(terminal, file))
  const key = randomUUID()
  const server = { ...config.server, host: '127.0.0.1', port: 0, keys: [new Secret(key)] }
  const [{ startGateway }, { pino }] = await Promise.all([import('../compose.ts'), import('pino')])
  const gateway = await startGateway(
    { ...config, server },
    {
      logger: pino({ level: 'silent' }),
      resumeBatches: false,
    },
  )
  return Object.assign(gateway, { key })
}

function clientOf(base: string, key: string | undefined, close: () => Promise<void>): OpenGateway {
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  }
  return {
    async request(method, path, body, signal, more) {
      const init = {
        method,
        headers: { ...more, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      }
      const response = await fetch(`${base}/v1${path}`, init).catch((cause: unknown) => {
        if (signal?.aborted === true) throw new SluiceError('client_closed_request', 'Given up.', { cause })
        throw new SluiceError(
          'upstream_unreachable',
          `No gateway answers at ${base}. Is it running? Start one with \`sluice serve\`.`,
          { cause },
        )
      })
      if (!response.ok) throw await readError(response, base)
      return response
    },
    close,
  }
}

async function readError(response: Response, base: string): Promise<SluiceError> {
  const body: unknown = await response.json().catch(() => undefined)
  const { error } = (typeof body === 'object' && body !== null ? body : {}) as {
    error?: { message?: unknown; code?: unknown }
  }
  if (typeof error?.message !== 'string') {
    return new SluiceError(
      'upstream_invalid_response',
      `${base} answered ${response.status}, not as a Sluice gateway does.`,
    )
  }
  const code =
    typeof error.code === 'string' && Object.hasOwn(errorCodes, error.code)
      ? (error.code as ErrorCode)
      : 'upstream_error'
  return new SluiceError(code, error.message)
}

function baseUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new SluiceError(
      'invalid_config',
      // Not quoted: there may be a password in it.
      "The URL that was given is no gateway's; one looks like http://127.0.0.1:8090.",
    )
  }
  return `${url.origin}${url.pathname}`.replace(/\/(?:v1\/?)?$/, '')
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim()
}
