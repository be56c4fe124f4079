import { SluiceError, type UpstreamErrorDetail } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'

/** Shorter ones are no keys but words (`none`), and would be found where they mean nothing. */
const shortest = 8
/** Headers whose value is a credential, however they are written. */
const sensitive = /^cookie$|auth|key|token|secret|password|credential/i

/**
 * The error as one of a provider: with its id, and without its credential where that is quoted ("Incorrect API key
 * provided: …").
 */
export function ofProvider(error: SluiceError, provider: ConfiguredProvider): SluiceError {
  const secrets = secretsOf(provider)
  let found = false
  const clean = (text: string): string => {
    const cleaned = secrets.reduce(withoutSecret, text)
    found ||= cleaned !== text
    return cleaned
  }
  const { param, upstream } = error
  const cleaned = clean(error.message)
  const cleanedParam = param && clean(param)
  const detail = { provider: provider.id, ...(upstream && cleanDetail(upstream, clean)) }
  if (!found && upstream?.provider !== undefined) return error
  return new SluiceError(error.code, cleaned, {
    status: error.status,
    retryable: error.retryable,
    param: cleanedParam,
    retryAfterMs: error.retryAfterMs,
    upstream: detail,
    // It may quote the same.
    cause: found ? undefined : error.cause,
  })
}

/** Any text of a provider's, without the credentials that this installation has for it. */
export function scrubSecrets(text: string, provider: ConfiguredProvider): string {
  return secretsOf(provider).reduce(withoutSecret, text)
}

/** The credential that a header carries, without its scheme (`Bearer`), or `undefined` where it carries none. */
export function credentialIn(name: string, value: string): string | undefined {
  if (!sensitive.test(name)) return undefined
  const credential = /^\S+ (\S+)$/.exec(value)?.[1] ?? value
  return credential.length < shortest ? undefined : credential
}

function secretsOf({ apiKey, moreKeys = [], headers, identity }: ConfiguredProvider): readonly string[] {
  const values = Object.entries(headers).flatMap(([name, value]) => credentialIn(name, value) ?? [])
  const keys = [...(apiKey === undefined ? [] : [apiKey]), ...moreKeys, ...Object.values(identity?.credentials ?? {})]
  return [...keys.map((key) => key.reveal()).filter(({ length }) => length >= shortest), ...values]
}

function withoutSecret(text: string, secret: string): string {
  const replaced = text.replaceAll(secret, '[secret]')
  if (!replaced.endsWith('…')) return replaced
  // The message was cut off, perhaps in the middle of the secret.
  for (let length = secret.length - 1; length >= shortest / 2; length--) {
    if (replaced.endsWith(`${secret.slice(0, length)}…`)) return `${replaced.slice(0, -length - 1)}[secret]…`
  }
  return replaced
}

function cleanDetail(detail: UpstreamErrorDetail, clean: (text: string) => string): UpstreamErrorDetail {
  return {
    ...detail,
    ...(detail.type !== undefined && { type: clean(detail.type) }),
    ...(detail.code !== undefined && { code: clean(detail.code) }),
    ...(detail.requestId !== undefined && { requestId: clean(detail.requestId) }),
  }
}
