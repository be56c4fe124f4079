import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SluiceError } from '@sluice/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { collect } from '../../transport/collect.ts'
import { createFetchTransport } from '../../transport/fetch.ts'
import type { Transport } from '../../transport/transport.ts'
import { bearer, clientCredentials, googleAuth, type Identity, type IdentityScheme } from '../auth.ts'
import { Secret } from '../secret.ts'
import { createAuthorizedTransport } from './authorized-transport.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

interface Answer {
  readonly status: number
  readonly body: string
}

/** A real server on loopback that answers each call by `answer`. */
async function serve(answer: (request: IncomingMessage, body: string) => Answer | Promise<Answer>): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      void Promise.resolve(answer(request, body)).then((given) => {
        response.writeHead(given.status, { 'content-type': 'application/json' }).end(given.body)
      })
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A provider that shows what it was given, and refuses tokens that are not in `accepted`. */
async function serveProvider(accepted?: Set<string>): Promise<{ origin: string; seen: string[] }> {
  const seen: string[] = []
  const origin = await serve(({ headers }) => {
    const token = headers.authorization ?? ''
    seen.push(token)
    return { status: accepted === undefined || accepted.has(token) ? 200 : 401, body: '{}' }
  })
  return { origin, seen }
}

function identityOf(scheme: IdentityScheme, credentials: Record<string, string>): Identity {
  const secrets = Object.entries(credentials).map(([name, value]) => [name, new Secret(value)] as const)
  return { scheme, credentials: Object.fromEntries(secrets), settings: {} }
}

async function call(transport: Transport, origin: string, identity: Identity): Promise<number> {
  const destination = { origin, path: '/chat', headers: ['x-team', 'search'], identity }
  const timeouts = { connect: 5_000, firstByte: 5_000, idle: 5_000 }
  const { status } = await collect(transport, { destination, method: 'GET', body: [], timeouts }, 1_000)
  return status
}

async function failureOf(action: Promise<unknown>): Promise<SluiceError> {
  const outcome = await action.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  )
  if (!(outcome instanceof SluiceError)) throw outcome
  return outcome
}

const counted = (form: string[]): ((request: IncomingMessage, body: string) => Answer) => {
  return (_, body) => {
    form.push(body)
    return {
      status: 200,
      body: JSON.stringify({ access_token: `token-${form.length}`, expires_in: 3_600, token_type: 'Bearer' }),
    }
  }
}

describe('client credentials', () => {
  async function setUp() {
    const forms: string[] = []
    const paths: string[] = []
    const tokens = await serve((request, body) => {
      paths.push(request.url ?? '')
      return counted(forms)(request, body)
    })
    const scheme = clientCredentials(
      `${tokens}/{tenant_id}/oauth2/v2.0/token`,
      'https://cognitiveservices.azure.com/.default',
      bearer,
    )
    const identity = identityOf(scheme, {
      tenant_id: 'ten/ant',
      client_id: 'client',
      client_secret: 'very-secret&value',
    })
    const clock = { now: 1_000_000 }
    const transport = createAuthorizedTransport(createFetchTransport(), { now: () => clock.now })
    return { forms, paths, identity, clock, transport }
  }

  it('ask once for a token, however many calls wait for it', async () => {
    const { forms, paths, identity, transport } = await setUp()
    const { origin, seen } = await serveProvider()
    await Promise.all(Array.from({ length: 20 }, () => call(transport, origin, identity)))
    expect(seen).toEqual(Array.from({ length: 20 }, () => 'Bearer token-1'))
    expect(paths).toEqual(['/ten%2Fant/oauth2/v2.0/token'])
    expect(Object.fromEntries(new URLSearchParams(forms[0]))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client',
      client_secret: 'very-secret&value',
      scope: 'https://cognitiveservices.azure.com/.default',
    })
  })

  it('fetch another before the old one expires, without making a call wait', async () => {
    const { forms, identity, clock, transport } = await setUp()
    const { origin, seen } = await serveProvider()
    await call(transport, origin, identity)
    clock.now += 54 * 60_000
    await call(transport, origin, identity)
    expect(forms).toHaveLength(1)
    clock.now += 2 * 60_000
    await call(transport, origin, identity)
    await expect.poll(() => forms.length).toBe(2)
    await expect.poll(() => call(transport, origin, identity).then(() => seen.at(-1))).toBe('Bearer token-2')
    expect(seen.slice(0, 3)).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1'])
  })

  it('never use one that has expired', async () => {
    const { identity, clock, transport } = await setUp()
    const { origin, seen } = await serveProvider()
    await call(transport, origin, identity)
    clock.now += 60 * 60_000
    await call(transport, origin, identity)
    expect(seen).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  it('fetch another when the provider refuses the one there is', async () => {
    const { identity, transport } = await setUp()
    const { origin } = await serveProvider(new Set(['Bearer token-2']))
    expect(await call(transport, origin, identity)).toBe(401)
    expect(await call(transport, origin, identity)).toBe(200)
  })

  it('tell of a refusal its code and nothing that was sent', async () => {
    const refusals = [
      [
        400,
        '{"error":"invalid_client","error_description":"very-secret-value is wrong"}',
        'upstream_authentication_failed',
        /invalid_client/,
      ],
      [401, 'very-secret-value', 'upstream_authentication_failed', /status 401/],
      [503, '{}', 'upstream_error', /status 503/],
      [200, '{"access_token":"a b"}', 'upstream_invalid_response', /no token/],
      [200, '<html>', 'upstream_invalid_response', /no token/],
    ] as const
    for (const [status, body, code, message] of refusals) {
      const tokens = await serve(() => ({ status, body }))
      const identity = identityOf(clientCredentials(tokens, 's', bearer), {
        client_id: 'c',
        client_secret: 'very-secret-value',
      })
      const error = await failureOf(
        call(createAuthorizedTransport(createFetchTransport()), 'http://127.0.0.1:9', identity),
      )
      expect(error.code).toBe(code)
      expect(error.message).toMatch(message)
      expect(error.message).not.toContain('very-secret')
    }
  })

  it('send secrets by https only', async () => {
    const identity = identityOf(clientCredentials('http://tokens.test/token', 's', bearer), {
      client_id: 'c',
      client_secret: 's',
    })
    const error = await failureOf(
      call(createAuthorizedTransport(createFetchTransport()), 'http://127.0.0.1:9', identity),
    )
    expect(error).toMatchObject({ code: 'invalid_config', message: expect.stringContaining('https') as string })
  })

  it('ask again after a failure', async () => {
    let calls = 0
    const tokens = await serve(() =>
      calls++ === 0 ? { status: 500, body: '' } : { status: 200, body: '{"access_token":"t"}' },
    )
    const identity = identityOf(clientCredentials(tokens, 's', bearer), { client_id: 'c', client_secret: 's' })
    const transport = createAuthorizedTransport(createFetchTransport())
    const { origin, seen } = await serveProvider()
    await failureOf(call(transport, origin, identity))
    expect(await call(transport, origin, identity)).toBe(200)
    expect(seen).toEqual(['Bearer t'])
  })
})

describe('Google credentials', () => {
  const scheme = googleAuth('https://www.googleapis.com/auth/cloud-platform', bearer)
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

  async function serviceAccount(tokenUrl: string): Promise<{ text: string; key: CryptoKey; pem: string }> {
    const generated = { ...algorithm, modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]) }
    const { privateKey, publicKey } = await crypto.subtle.generateKey(generated, true, ['sign', 'verify'])
    const base64 = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64')
    const pem = `-----BEGIN PRIVATE KEY-----\n${base64.replaceAll(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`
    const file = {
      type: 'service_account',
      client_email: 'robot@p.test',
      private_key: pem,
      private_key_id: 'kid-1',
      token_uri: tokenUrl,
    }
    return { text: JSON.stringify(file), key: publicKey, pem }
  }

  it('are exchanged by a signed assertion, read from a file', async () => {
    const forms: string[] = []
    const tokens = `${await serve(counted(forms))}/token`
    const { text, key } = await serviceAccount(tokens)
    const now = Date.parse('2026-11-21T05:00:00Z')
    const readFile = (path: string): Promise<string> =>
      path === '/keys/google.json' ? Promise.resolve(text) : Promise.reject(new Error(path))
    const transport = createAuthorizedTransport(createFetchTransport(), { now: () => now, readFile })
    const { origin, seen } = await serveProvider()
    await call(transport, origin, identityOf(scheme, { service_account: '/keys/google.json' }))
    expect(seen).toEqual(['Bearer token-1'])

    const form = new URLSearchParams(forms[0])
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.')
    const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
    expect(decode(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'kid-1' })
    expect(decode(claims)).toEqual({
      iss: 'robot@p.test',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      aud: tokens,
      iat: now / 1_000,
      exp: now / 1_000 + 3_600,
    })
    const signed = new TextEncoder().encode(`${header}.${claims}`)
    expect(await crypto.subtle.verify(algorithm.name, key, Buffer.from(signature, 'base64url'), signed)).toBe(true)
  })

  it("of a user are exchanged by the user's refresh token", async () => {
    const forms: string[] = []
    const file = {
      type: 'authorized_user',
      client_id: 'id',
      client_secret: 'se',
      refresh_token: 're',
      token_uri: await serve(counted(forms)),
    }
    const { origin, seen } = await serveProvider()
    const identity = identityOf(scheme, { service_account: JSON.stringify(file) })
    await call(createAuthorizedTransport(createFetchTransport()), origin, identity)
    expect(seen).toEqual(['Bearer token-1'])
    const form = Object.fromEntries(new URLSearchParams(forms[0]))
    expect(form).toEqual({ grant_type: 'refresh_token', client_id: 'id', client_secret: 'se', refresh_token: 're' })
  })

  it('that are of no use are refused without being told', async () => {
    const { pem } = await serviceAccount('https://tokens.test')
    const broken = pem.replaceAll(/[A-Z]{2}/g, '')
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['{"private_key": very-secret', /not valid JSON/],
      ['{"client_email":"robot@p.test","private_key":"very-secret"}', /private key .* cannot be read/],
      [JSON.stringify({ client_email: 'robot@p.test', private_key: broken }), /private key .* cannot be read/],
      ['{"type":"external_account","audience":"very-secret"}', /no client_email/],
      ['/no/such/very-secret.json', /GOOGLE_APPLICATION_CREDENTIALS/],
    ]
    for (const [text, message] of wrong) {
      const identity = identityOf(scheme, { service_account: text })
      const error = await failureOf(
        call(createAuthorizedTransport(createFetchTransport()), 'http://127.0.0.1:9', identity),
      )
      expect(error.code).toBe('invalid_config')
      expect(error.message).toMatch(message)
      expect(error.message).not.toMatch(/very-secret|BEGIN|MII/)
    }
    const identity = identityOf(scheme, { service_account: '/keys/google.json' })
    const transport = createAuthorizedTransport(createFetchTransport(), { readFile: undefined })
    expect((await failureOf(call(transport, 'http://127.0.0.1:9', identity))).message).toMatch(/no files here/)
  })
})

it('a call that is given up while its token is fetched is never sent', async () => {
  let release: (() => void) | undefined
  const tokens = await serve(async () => {
    await new Promise<void>((resolve) => (release = resolve))
    return { status: 200, body: '{"access_token":"t"}' }
  })
  const { origin, seen } = await serveProvider()
  const identity = identityOf(clientCredentials(tokens, 's', bearer), { client_id: 'c', client_secret: 's' })
  const transport = createAuthorizedTransport(createFetchTransport())
  const heard: string[] = []
  const note = (what: string) => (): void => void heard.push(what)
  const receiver = { start: note('start'), data: note('data'), end: note('end'), error: note('error') }
  const timeouts = { connect: 5_000, firstByte: 5_000, idle: 5_000 }
  const flow = transport.send(
    { destination: { origin, path: '/', headers: [], identity }, method: 'GET', body: [], timeouts },
    receiver,
  )
  await expect.poll(() => release).toBeDefined()
  flow.cancel()
  release?.()
  expect(await call(transport, origin, identity)).toBe(200)
  expect(seen).toHaveLength(1)
  expect(heard).toEqual([])
})
