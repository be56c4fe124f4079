import { SluiceError } from '@sluice/protocol'

/**
 * A JSON Web Token signed with RS256 (RFC 7515).
 * @param privateKey PEM, PKCS #8.
 * @throws SluiceError `invalid_config` when the key cannot be read; nothing of it is told.
 */
export async function signJwt(
  claims: Readonly<Record<string, unknown>>,
  privateKey: string,
  keyId: string | undefined,
): Promise<string> {
  const header = { alg: 'RS256', typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) }
  const content = `${encodeJson(header)}.${encodeJson(claims)}`
  const key = await importKey(privateKey)
  const signature = await crypto.subtle.sign(algorithm.name, key, new TextEncoder().encode(content))
  return `${content}.${encodeBytes(new Uint8Array(signature))}`
}

const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

async function importKey(pem: string): Promise<CryptoKey> {
  const base64 = /-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/.exec(pem)?.[1]
  try {
    if (base64 === undefined) throw new TypeError('No PKCS #8 key in PEM')
    const bytes = Uint8Array.from(atob(base64.replaceAll(/\s/g, '')), (character) => character.charCodeAt(0))
    return await crypto.subtle.importKey('pkcs8', bytes, algorithm, false, ['sign'])
  } catch {
    throw new SluiceError(
      'invalid_config',
      'The private key of the credentials cannot be read: it must be an RSA key in PEM (PKCS #8).',
    )
  }
}

function encodeJson(value: unknown): string {
  return encodeBytes(new TextEncoder().encode(JSON.stringify(value)))
}

function encodeBytes(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
