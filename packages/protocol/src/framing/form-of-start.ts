/** The first byte that is no white space tells; a stream begins with a field's name or a colon. */
export function formOfStart(chunk: Uint8Array): 'unknown' | 'events' | 'json' {
  for (const byte of chunk) {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) continue
    return byte === 0x7b || byte === 0x5b || byte === 0x3c ? 'json' : 'events'
  }
  return 'unknown'
}
