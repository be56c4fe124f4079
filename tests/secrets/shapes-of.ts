/** The ways in which a text may be written somewhere: as it is, escaped or encoded, wherever it begins in what is encoded. */
export function shapesOf(secret: string): readonly string[] {
  // Most of it is as bad as all of it.
  const most = secret.slice(0, -2)
  const json = JSON.stringify(most).slice(1, -1)
  const hex = Buffer.from(most).toString('hex')
  const shapes = [
    most,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(most),
    encodeURIComponent(encodeURIComponent(most)),
    new URLSearchParams([['', most]]).toString().slice(1),
    most.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;'),
    most.replaceAll('/', '\\/'),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((before) => base64In(most, before)),
  ]
  return [...new Set(shapes)]
}

/** What base64 of any text has of `secret`, where so many bytes (modulo 3) come before it. */
function base64In(secret: string, before: number): readonly string[] {
  const bytes = Buffer.from('x'.repeat(before) + secret)
  // What is beside it decides the first and the last characters.
  const from = Math.ceil((before * 8) / 6)
  const to = Math.floor((bytes.length * 8) / 6)
  return (['base64', 'base64url'] as const).map((encoding) => bytes.toString(encoding).slice(from, to))
}
