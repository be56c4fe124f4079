import { SluiceError } from '@sluice/protocol'
import type { Identity, IdentityScheme } from '../auth.ts'
import { type Authorizer, type AuthorizerContext, credential } from './authorizer.ts'
import { requestToken } from './request-token.ts'
import { signJwt } from './sign-jwt.ts'
import { createTokenCache } from './token-cache.ts'

const googleTokenUrl = 'https://oauth2.googleapis.com/token'
/** Seconds; the longest that Google accepts. */
const assertionLifetime = 3_600

/**
 * Access tokens by a Google credentials file: a service account's key (a signed assertion, RFC 7523), or the
 * credentials of a user that `gcloud auth application-default login` leaves (a refresh token).
 */
export function createGoogleAuthorizer(
  { scope }: IdentityScheme & { type: 'google' },
  identity: Identity,
  { transport, now, readFile }: AuthorizerContext,
): Authorizer {
  const tokens = createTokenCache(async () => {
    // Read each time: keys are rotated by replacing the file.
    const file = await readCredentials(credential(identity, 'service_account'), readFile)
    const tokenUrl = file['token_uri'] ?? googleTokenUrl
    if (file['type'] === 'authorized_user') {
      return requestToken(transport, tokenUrl, {
        grant_type: 'refresh_token',
        client_id: member(file, 'client_id'),
        client_secret: member(file, 'client_secret'),
        refresh_token: member(file, 'refresh_token'),
      })
    }
    const issuedAt = Math.floor(now() / 1_000)
    const claims = {
      iss: member(file, 'client_email'),
      scope,
      aud: tokenUrl,
      iat: issuedAt,
      exp: issuedAt + assertionLifetime,
    }
    const assertion = await signJwt(claims, member(file, 'private_key'), file['private_key_id'])
    return requestToken(transport, tokenUrl, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion })
  }, now)
  return {
    authorize: async () => ['authorization', `Bearer ${await tokens.get()}`],
    refused: () => tokens.forget(),
  }
}

type CredentialsFile = Readonly<Record<string, string | undefined>>

async function readCredentials(given: string, readFile: AuthorizerContext['readFile']): Promise<CredentialsFile> {
  const text = given.trim()
  return parseCredentials(text.startsWith('{') ? text : await read(text, readFile))
}

async function read(path: string, readFile: AuthorizerContext['readFile']): Promise<string> {
  if (readFile === undefined) throw invalid('There are no files here: give the JSON text of the Google credentials.')
  try {
    return await readFile(path)
  } catch {
    throw invalid('The file of Google credentials cannot be read; check GOOGLE_APPLICATION_CREDENTIALS.')
  }
}

function parseCredentials(text: string): CredentialsFile {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    // The parser's own message would quote the text.
  }
  if (typeof parsed !== 'object' || parsed === null) throw invalid('The Google credentials are not valid JSON.')
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => typeof value === 'string'))
}

function member(file: CredentialsFile, name: string): string {
  const value = Object.hasOwn(file, name) ? file[name] : undefined
  if (value !== undefined && value !== '') return value
  throw invalid(`The Google credentials have no ${name}: a service account's key or a user's credentials are needed.`)
}

function invalid(message: string): SluiceError {
  return new SluiceError('invalid_config', message)
}
