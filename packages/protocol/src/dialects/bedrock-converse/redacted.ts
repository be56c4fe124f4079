/** Before what was no base64, so that it is given back as it was. */
const mark = 'sluice:'

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Reasoning that only its provider can read is bytes on this wire; other providers' may be any text. */
export function encodeRedacted(encrypted: string): string {
  if (base64.test(encrypted) && encrypted !== '') return encrypted
  const bytes = new TextEncoder().encode(mark + encrypted)
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

export function decodeRedacted(redacted: string): string {
  // The mark in base64, as far as it does not depend on what follows.
  if (!redacted.startsWith('c2x1aWNl')) return redacted
  try {
    const bytes = Uint8Array.from(atob(redacted), (character) => character.charCodeAt(0))
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.startsWith(mark) && encodeRedacted(text.slice(mark.length)) === redacted
      ? text.slice(mark.length)
      : redacted
  } catch {
    return redacted
  }
}
