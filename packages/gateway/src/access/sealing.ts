import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { SluiceError } from '@sluice/protocol'
import { Secret } from 'sluice'

/**
 * Encrypts secrets for the database: each by a key of its own (AES-256-GCM), which is encrypted by the master key in turn.
 * So a change of the master key rewrites the small keys only, and nobody sees the secrets for it.
 */
export interface Sealing {
  /** @param place where it is kept: what is moved elsewhere cannot be opened there. */
  seal(secret: Secret, place: string): string
  /** @throws SluiceError `store_unavailable` when no master key fits, or it was changed */
  open(sealed: string, place: string): Secret
  /** The same secret under the first master key; `undefined` when it is so already. */
  renew(sealed: string, place: string): string | undefined
}

/** What is kept, as JSON. */
interface Sealed {
  /** Which master key. */
  readonly master: string
  /** The secret's own key, encrypted. */
  readonly key: string
  /** The secret, encrypted. */
  readonly text: string
}

interface MasterKey {
  readonly id: string
  readonly bytes: Buffer
}

/** @param masters the first seals, all open. */
export function createSealing(masters: readonly Secret[]): Sealing {
  const keys = masters.map(masterKey)

  function first(): MasterKey {
    const [key] = keys
    if (key !== undefined) return key
    throw new SluiceError(
      'invalid_request',
      'This gateway has no master key, so it keeps no keys of providers. Set SLUICE_MASTER_KEY (server.master_keys) to at least 32 random characters, and back it up.',
    )
  }

  function keyOf({ master, key }: Sealed, place: string): Buffer {
    const found = keys.find(({ id }) => id === master)
    if (found !== undefined) return decrypt(Buffer.from(key, 'base64url'), found.bytes, place)
    throw new SluiceError(
      'store_unavailable',
      'A key of a provider was encrypted by a master key that this gateway does not have. Add the one that it had before to SLUICE_MASTER_KEY, after the present one and a comma.',
    )
  }

  return {
    seal(secret, place) {
      const own = randomBytes(32)
      const { id, bytes } = first()
      const sealed: Sealed = {
        master: id,
        key: encrypt(own, bytes, place).toString('base64url'),
        text: encrypt(Buffer.from(secret.reveal()), own, place).toString('base64url'),
      }
      return JSON.stringify(sealed)
    },
    open(sealed, place) {
      const read = JSON.parse(sealed) as Sealed
      return new Secret(decrypt(Buffer.from(read.text, 'base64url'), keyOf(read, place), place).toString())
    },
    renew(sealed, place) {
      const read = JSON.parse(sealed) as Sealed
      const { id, bytes } = first()
      if (read.master === id) return undefined
      const key = encrypt(keyOf(read, place), bytes, place).toString('base64url')
      return JSON.stringify({ ...read, master: id, key } satisfies Sealed)
    },
  }
}

function masterKey(secret: Secret): MasterKey {
  const bytes = Buffer.from(hkdfSync('sha256', secret.reveal(), '', 'sluice master key', 32))
  return { id: createHash('sha256').update(bytes).digest('base64url').slice(0, 12), bytes }
}

/** Nonce, tag and text. */
function encrypt(text: Buffer, key: Buffer, place: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
  const bytes = Buffer.concat([cipher.update(text), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), bytes])
}

function decrypt(sealed: Buffer, key: Buffer, place: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 })
  decipher.setAAD(Buffer.from(place)).setAuthTag(sealed.subarray(12, 28))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()])
  } catch (cause) {
    throw new SluiceError(
      'store_unavailable',
      'A key of a provider in the database is not what was written there. Give it anew.',
      { cause },
    )
  }
}
