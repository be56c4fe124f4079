import { createHmac, randomBytes } from 'node:crypto'
import { Secret } from 'sluice'

const mark = 'sk-sl-'
const form = /^sk-sl-[\w-]{43}$/

/** A new virtual key of 256 random bits: `sk-sl-…`. */
export function createKeyText(): Secret {
  return new Secret(mark + randomBytes(32).toString('base64url'))
}

/** Whether it looks like one; whatever does not is not looked for. */
export function isKeyText(given: string): boolean {
  return form.test(given)
}

/** What of a key may be shown to recognise it by: `sk-sl-AbCd…`. */
export function keyPrefix(key: Secret): string {
  return `${key.reveal().slice(0, mark.length + 4)}…`
}

/** What is kept of a key: without the pepper nobody can tell from it whether a guess is right. */
export function hashKey(key: string, pepper: Secret): string {
  return createHmac('sha256', pepper.reveal()).update(key).digest('base64url')
}
