import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { SluiceError } from '@sluice/protocol'
import type { Secret } from 'sluice'
import { hashKey } from '../access/key-text.ts'
import type { Database } from '../stores/database.ts'
import type { AdminAnswer, AdminRequest } from './admin-request.ts'

/**
 * Answers to requests with an idempotency key, so that a request which is sent again changes nothing twice. An answer may
 * hold a new key: it is kept encrypted by the idempotency key, which itself is not kept.
 */
export interface IdempotentAnswers {
  /**
   * The answer that the same request had within a day, else that of `ask`; a failure is not remembered.
   *
   * @throws SluiceError `conflict` for another request with the same key, and for the same one while it is under way.
   */
  once(key: string, request: AdminRequest, ask: () => Promise<AdminAnswer>): Promise<AdminAnswer>
}

const day = 24 * 60 * 60 * 1000
/** Milliseconds that a request may be under way; then its process is believed to be gone. */
const patience = 60_000
const longestKey = 255

/** @param now milliseconds since 1970. */
export function createIdempotentAnswers(database: Database, pepper: Secret, now: () => number): IdempotentAnswers {
  async function reserve(id: string, request: string): Promise<boolean> {
    await database.deleteFrom('idempotent_answers').where('expires_at', '<=', now()).execute()
    const { numInsertedOrUpdatedRows } = await database
      .insertInto('idempotent_answers')
      .values({ id, request, answer: null, expires_at: now() + patience })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirstOrThrow()
    return Number(numInsertedOrUpdatedRows) > 0
  }

  async function recall(id: string, request: string, key: string): Promise<AdminAnswer> {
    const kept = await database.selectFrom('idempotent_answers').selectAll().where('id', '=', id).executeTakeFirst()
    if (kept !== undefined && kept.request !== request)
      throw new SluiceError('conflict', 'This idempotency key was used for another request. Take a new one.')
    if (typeof kept?.answer !== 'string')
      throw new SluiceError('conflict', 'The same request is under way. Ask again in a moment.', { retryAfterMs: 1000 })
    const { status, body } = JSON.parse(decrypt(kept.answer, key, pepper)) as AdminAnswer
    return { status, body, replayed: true }
  }

  async function keep(id: string, answer: AdminAnswer, key: string): Promise<void> {
    await database
      .updateTable('idempotent_answers')
      .set({ answer: encrypt(JSON.stringify(answer), key, pepper), expires_at: now() + day })
      .where('id', '=', id)
      .execute()
  }

  async function release(id: string): Promise<void> {
    await database.deleteFrom('idempotent_answers').where('id', '=', id).execute()
  }

  return {
    async once(key, request, ask) {
      if (key === '' || key.length > longestKey)
        throw new SluiceError('invalid_request', `An idempotency key has 1 to ${longestKey} characters.`)
      const id = hashKey(`${request.actor.id}\n${key}`, pepper)
      const same = fingerprint(request)
      if (!(await reserve(id, same))) return recall(id, same, key)
      let answer: AdminAnswer
      try {
        answer = await ask()
      } catch (error) {
        // What cannot be taken back is over after `patience`.
        await release(id).catch(() => undefined)
        throw error
      }
      // It is done, and may hold what is never shown again: whoever asked hears it, also where it cannot be kept.
      await keep(id, answer, key).catch(() => undefined)
      return answer
    },
  }
}

function fingerprint({ method, path, query, body }: AdminRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, path, query.toString(), body ?? null]))
    .digest('base64url')
}

function cipherKey(key: string, pepper: Secret): Buffer {
  return Buffer.from(hkdfSync('sha256', key, pepper.reveal(), 'sluice idempotent answer', 32))
}

/** AES-256-GCM: nonce, tag and text, in base64url. */
function encrypt(text: string, key: string, pepper: Secret): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', cipherKey(key, pepper), nonce)
  const bytes = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), bytes]).toString('base64url')
}

function decrypt(sealed: string, key: string, pepper: Secret): string {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', cipherKey(key, pepper), bytes.subarray(0, 12))
  decipher.setAuthTag(bytes.subarray(12, 28))
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
}
