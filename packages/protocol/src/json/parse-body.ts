const decoder = new TextDecoder('utf-8', { fatal: true })

/** The JSON that bytes are; `undefined` where they are none, or no UTF-8. */
export function parseBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body))
  } catch {
    return undefined
  }
}
