import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { Secret } from 'sluice'

/**
 * What must be known again when the browser comes back from the identity provider. It is kept by the browser itself,
 * encrypted: so another browser cannot finish what this one began, and who only begins costs no storage.
 */
export interface SignInAttempt {
  /** Comes back in the address. */
  readonly state: string
  /** Comes back in the id token. */
  readonly nonce: string
  /** Redeems the code (RFC 7636). */
  readonly verifier: string
  readonly returnTo: string
  /** Unix milliseconds. */
  readonly expiresAt: number
}

/** Seconds that somebody has at the provider. */
export const attemptLife = 600

/** @param now Unix milliseconds. */
export function beginAttempt(returnTo: string, now: number): SignInAttempt {
  const random = (): string => randomBytes(32).toString('base64url')
  return { state: random(), nonce: random(), verifier: random(), returnTo, expiresAt: now + attemptLife * 1000 }
}

/** What of the verifier is shown at the beginning. */
export function challengeOf({ verifier }: SignInAttempt): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

/** AES-256-GCM: nonce, tag and text, in base64url. */
export function sealAttempt(attempt: SignInAttempt, pepper: Secret): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keyOf(pepper), nonce)
  const bytes = Buffer.concat([cipher.update(JSON.stringify(attempt), 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), bytes]).toString('base64url')
}

/** `undefined` for what was not sealed here, or too long ago. */
export function openAttempt(sealed: string, pepper: Secret, now: number): SignInAttempt | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < 28) return undefined
  const decipher = createDecipheriv('aes-256-gcm', keyOf(pepper), bytes.subarray(0, 12), { authTagLength: 16 })
  decipher.setAuthTag(bytes.subarray(12, 28))
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
    const attempt = JSON.parse(text) as SignInAttempt
    return now < attempt.expiresAt ? attempt : undefined
  } catch {
    return undefined
  }
}

function keyOf(pepper: Secret): Buffer {
  return Buffer.from(hkdfSync('sha256', pepper.reveal(), '', 'sluice sign-in attempt', 32))
}
