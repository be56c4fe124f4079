import { SluiceError } from '@sluice/protocol'
import { createRemoteJWKSet, customFetch, errors, jwtVerify, type RemoteJWKSet } from 'jose'
import type { OidcConfig } from 'sluice'
import { askProvider, type JsonObject, providerUnavailable, readJson } from './ask-provider.ts'
import type { Claims } from './person.ts'
import { challengeOf, type SignInAttempt } from './sign-in-attempt.ts'

/** Who says who somebody is. https://openid.net/specs/openid-connect-core-1_0.html */
export interface IdentityProvider {
  /** Where a browser is sent to begin. Rejects with `sign_in_unavailable`. */
  authorizationUrl(attempt: SignInAttempt, callback: string): Promise<string>
  /** Who came back. Rejects with `sign_in_failed`, `sign_in_refused` or `sign_in_unavailable`. */
  redeem(attempt: SignInAttempt, callback: string, answer: URLSearchParams): Promise<Claims>
}

/** What of a provider's own description counts here. https://openid.net/specs/openid-connect-discovery-1_0.html */
interface Provider {
  readonly authorization: string
  readonly token: string
  readonly userinfo: string | undefined
  readonly keys: RemoteJWKSet
  readonly algorithms: string[]
  /** How the secret is shown: in the body, where it is not by `Authorization`. */
  readonly secretInBody: boolean
  /** Whether answers say whose they are (RFC 9207). */
  readonly namesItself: boolean
}

const descriptionLife = 60 * 60 * 1000
/** By public keys alone: one that is shared by both sides, or none at all, proves nothing here. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** To be imported when somebody signs in. @param now milliseconds since 1970. */
export function createIdentityProvider(config: OidcConfig, now: () => number): IdentityProvider {
  let described: { readonly at: number; readonly provider: Promise<Provider> } | undefined

  function describe(): Promise<Provider> {
    if (described !== undefined && now() - described.at < descriptionLife) return described.provider
    const entry = { at: now(), provider: readDescription(config) }
    described = entry
    entry.provider.catch(() => {
      if (described === entry) described = undefined
    })
    return entry.provider
  }

  /** The code is good for one time, and with the verifier only. */
  async function exchange(provider: Provider, code: string, verifier: string, callback: string): Promise<JsonObject> {
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: callback,
      code_verifier: verifier,
    })
    const headers = new Headers({ accept: 'application/json' })
    const { clientId, clientSecret } = config
    if (clientSecret !== undefined && !provider.secretInBody)
      headers.set('authorization', basic(clientId, clientSecret.reveal()))
    else body.set('client_id', clientId)
    if (clientSecret !== undefined && provider.secretInBody) body.set('client_secret', clientSecret.reveal())
    const response = await askProvider(provider.token, { method: 'POST', headers, body })
    const answer = await readJson(response)
    if (response.ok) return answer
    if (answer['error'] === 'invalid_grant')
      throw failed('The code that the identity provider gave was used before, has expired, or is not of this sign-in.')
    if (answer['error'] === 'invalid_client' || response.status === 401)
      throw providerUnavailable(
        'The identity provider does not know this gateway by its client_id and client_secret. The operator must correct server.oidc.',
      )
    throw providerUnavailable(`The identity provider answered ${response.status} instead of a token.`)
  }

  async function verify(provider: Provider, idToken: string, nonce: string): Promise<Claims> {
    const { clientId: audience, clockTolerance, issuer } = config
    const { payload } = await jwtVerify(idToken, provider.keys, {
      issuer,
      audience,
      algorithms: provider.algorithms,
      clockTolerance: clockTolerance / 1000,
      currentDate: new Date(now()),
      requiredClaims: ['sub', 'exp', 'iat'],
    }).catch((error: unknown) => {
      throw verificationError(error)
    })
    if (payload['nonce'] !== nonce) throw failed('The id token is of another sign-in: its nonce is wrong.')
    if (typeof payload.sub !== 'string' || payload.sub === '') throw failed('The id token names nobody.')
    const party = payload['azp']
    if (party === undefined ? Array.isArray(payload.aud) && payload.aud.length > 1 : party !== audience)
      throw failed('The id token was given to another client.')
    return payload
  }

  /** Some providers keep what a token would grow by for those who ask. */
  async function complete(provider: Provider, claims: Claims, accessToken: unknown): Promise<Claims> {
    const whole = Object.hasOwn(claims, config.roleClaim.split('.')[0]!) && Object.hasOwn(claims, 'email')
    if (whole || provider.userinfo === undefined || typeof accessToken !== 'string') return claims
    const headers = { accept: 'application/json', authorization: `Bearer ${accessToken}` }
    const response = await askProvider(provider.userinfo, { headers })
    if (!response.ok) {
      await response.body?.cancel()
      return claims
    }
    const more = await readJson(response)
    if (more['sub'] !== claims['sub']) throw failed('The identity provider tells of somebody else than it signed for.')
    return { ...more, ...claims }
  }

  return {
    async authorizationUrl(attempt, callback) {
      const { authorization } = await describe()
      const url = new URL(authorization)
      const parameters = {
        response_type: 'code',
        client_id: config.clientId,
        redirect_uri: callback,
        scope: config.scopes.join(' '),
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: challengeOf(attempt),
        code_challenge_method: 'S256',
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url.href
    },
    async redeem({ nonce, verifier }, callback, answer) {
      const provider = await describe()
      const from = answer.get('iss')
      if (from === null ? provider.namesItself : from !== config.issuer)
        throw failed('The answer is of another identity provider.')
      const error = answer.get('error')
      if (error !== null) throw answeredError(error)
      const code = answer.get('code')
      if (code === null || code === '') throw failed('The identity provider gave no code.')
      const tokens = await exchange(provider, code, verifier, callback)
      const idToken = tokens['id_token']
      if (typeof idToken !== 'string') throw providerUnavailable('The identity provider gave no id token.')
      return complete(provider, await verify(provider, idToken, nonce), tokens['access_token'])
    },
  }
}

async function readDescription({ issuer, clientSecret }: OidcConfig): Promise<Provider> {
  const response = await askProvider(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  if (!response.ok) {
    await response.body?.cancel()
    throw providerUnavailable(`The identity provider answered ${response.status} instead of its description.`)
  }
  const said = await readJson(response)
  if (said['issuer'] !== issuer)
    throw providerUnavailable(
      `The identity provider calls itself otherwise than server.oidc.issuer does, ${issuer}. The operator must correct it, to the letter.`,
    )
  const address = (name: string): string | undefined => addressIn(said[name], issuer)
  const [authorization, token, keys] = [
    address('authorization_endpoint'),
    address('token_endpoint'),
    address('jwks_uri'),
  ]
  if (authorization === undefined || token === undefined || keys === undefined)
    throw providerUnavailable('The description of the identity provider lacks an endpoint, or has one without TLS.')
  const methods = listOf(said['token_endpoint_auth_methods_supported'])
  const signed = listOf(said['id_token_signing_alg_values_supported'])
  return {
    authorization,
    token,
    userinfo: address('userinfo_endpoint'),
    keys: createRemoteJWKSet(new URL(keys), { [customFetch]: readKeys }),
    algorithms: signed.length === 0 ? algorithms : algorithms.filter((algorithm) => signed.includes(algorithm)),
    secretInBody:
      clientSecret !== undefined && methods.includes('client_secret_post') && !methods.includes('client_secret_basic'),
    namesItself: said['authorization_response_iss_parameter_supported'] === true,
  }
}

async function readKeys(url: string, options: RequestInit): Promise<Response> {
  const response = await askProvider(url, options)
  return response.ok ? Response.json(await readJson(response)) : response
}

/** By TLS, as the issuer itself; a local one for tests may do without. */
function addressIn(value: unknown, issuer: string): string | undefined {
  const url = typeof value === 'string' ? URL.parse(value) : null
  if (url === null) return undefined
  return url.protocol === 'https:' || url.origin === new URL(issuer).origin ? url.href : undefined
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** RFC 6749, section 2.3.1: both are form-encoded before they are joined. */
function basic(id: string, secret: string): string {
  const encode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`
}

function failed(message: string): SluiceError {
  return new SluiceError('sign_in_failed', `${message} Sign in again.`)
}

/** What a browser brings instead of a code (RFC 6749, section 4.1.2.1). */
function answeredError(error: string): SluiceError {
  const name = /^[a-z_]{1,40}$/.test(error) ? error : 'an error'
  if (name === 'temporarily_unavailable' || name === 'server_error')
    return providerUnavailable(`The identity provider says ${name}.`)
  return new SluiceError('sign_in_refused', `The identity provider let nobody in: ${name}.`)
}

/** What is wrong with an id token, in words that give nothing of it away: a cause would hold its claims. */
function verificationError(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error
  if (error instanceof errors.JWTExpired)
    return failed('The id token has expired. Where that happens again, the clocks differ.')
  if (error instanceof errors.JWTClaimValidationFailed)
    return failed(`The id token is not for this gateway, now: its claim "${error.claim}" is wrong.`)
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error instanceof TypeError)
    return providerUnavailable('The keys of the identity provider cannot be read.', error)
  if (error instanceof errors.JOSEError && error.code === errors.JOSEError.code)
    return providerUnavailable('The keys of the identity provider cannot be read.', error)
  return failed('The id token is not signed as it must be.')
}
