import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

/** Somebody whom the identity provider knows. */
export interface Account {
  readonly sub: string
  readonly [claim: string]: unknown
}

export type IdToken = Record<string, unknown>

/** A real OpenID provider on 127.0.0.1, where whoever comes is signed in as who is `next`. */
export interface TestIdentityProvider extends AsyncDisposable {
  readonly issuer: string
  /** Who signs in. */
  next: Account
  /** What id tokens say in place of what they would, signed by the provider's key. */
  tamper: ((claims: IdToken) => IdToken) | undefined
  /** What is handed out in place of the id token. */
  forge: ((claims: IdToken) => string) | undefined
  /** For which gateway it is; to be called before anybody signs in. */
  serve(gatewayUrl: string): void
  /** As if the process were gone: nobody is answered. */
  stop(): void
  start(): void
}

export const clientId = 'sluice-of-the-tests'
export const clientSecret = 'secret-of-the-client-of-the-tests'
const keyId = 'key-of-the-tests'

export interface IdentityProviderOptions {
  /** Else its userinfo tells them. Default `true`. */
  readonly claimsInIdToken?: boolean
  /** How the client shows who it is, the only way that is taken. Default `client_secret_basic`. */
  readonly authentication?: 'client_secret_basic' | 'client_secret_post' | 'none'
}

export async function startIdentityProvider({
  claimsInIdToken = true,
  authentication = 'client_secret_basic',
}: IdentityProviderOptions = {}): Promise<TestIdentityProvider> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  let handle: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end()
  let away = false
  const server = createServer((request, response) => handle(request, response))
  // The port is kept: another test's server would take it.
  server.on('connection', (socket) => void (away && socket.destroy()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}`

  const state: TestIdentityProvider = {
    issuer,
    next: { sub: 'ann' },
    tamper: undefined,
    forge: undefined,
    serve: (gatewayUrl) => begin(`${gatewayUrl}/api/admin/sign-in/callback`),
    stop() {
      away = true
      server.closeAllConnections()
    },
    start() {
      away = false
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }

  function begin(redirectUri: string): void {
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          ...(authentication !== 'none' && { client_secret: clientSecret }),
          redirect_uris: [redirectUri],
          response_types: ['code'],
          grant_types: ['authorization_code'],
          token_endpoint_auth_method: authentication,
        },
      ],
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: keyId, alg: 'RS256', use: 'sig' }] },
      cookies: { keys: ['cookies-of-the-tests'] },
      claims: { openid: ['sub'], profile: ['name', 'groups', 'realm_access'], email: ['email', 'email_verified'] },
      conformIdTokenClaims: !claimsInIdToken,
      renderError(context: { body: unknown }, out: object) {
        context.body = out
      },
      clientAuthMethods: [authentication],
      ttl: { AccessToken: 600, Grant: 600, IdToken: 86_400, Interaction: 600, Session: 600 },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
      findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => state.next }),
      async loadExistingGrant({
        oidc,
      }: {
        readonly oidc: {
          readonly client: { readonly clientId: string }
          readonly session: { readonly accountId: string }
        }
      }) {
        const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
        grant.addOIDCScope('openid profile email')
        await grant.save()
        return grant
      },
    })
    provider.use(async (context, next) => {
      await next()
      const body = context.body as Record<string, unknown> | undefined
      if (context.path !== '/token' || typeof body?.['id_token'] !== 'string') return
      const claims = JSON.parse(Buffer.from(body['id_token'].split('.')[1]!, 'base64url').toString()) as IdToken
      if (state.forge !== undefined) body['id_token'] = state.forge(claims)
      else if (state.tamper !== undefined) body['id_token'] = signToken(state.tamper(claims), privateKey)
    })
    const callback = provider.callback()
    handle = (request, response) => {
      if (request.url?.startsWith('/interaction/') !== true) {
        callback(request, response)
        return
      }
      const login = { accountId: state.next.sub }
      void provider.interactionFinished(request, response, { login })
    }
  }
  return state
}

/** A JSON Web Token, by RS256. */
export function signToken(claims: IdToken, key: KeyObject, header: object = { alg: 'RS256', kid: keyId }): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${encode(header)}.${encode(claims)}`
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`
}
