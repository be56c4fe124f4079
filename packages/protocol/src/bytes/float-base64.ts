/** Numbers per call of `String.fromCharCode`, whose arguments are limited. */
const chunk = 8192

/** The base64 of the numbers as little-endian 32-bit floats, as OpenAI has it. */
export function encodeFloats(values: readonly number[]): string {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < values.length; index++) view.setFloat32(index * 4, values[index]!, true)
  let text = ''
  for (let at = 0; at < bytes.length; at += chunk) text += String.fromCharCode(...bytes.subarray(at, at + chunk))
  return btoa(text)
}

/** The numbers in such base64; `undefined` when it is none. */
export function decodeFloats(base64: string): readonly number[] | undefined {
  let text: string
  try {
    text = atob(base64)
  } catch {
    return undefined
  }
  if (text.length % 4 !== 0) return undefined
  const view = new DataView(new ArrayBuffer(text.length))
  for (let index = 0; index < text.length; index++) view.setUint8(index, text.charCodeAt(index))
  return Array.from({ length: text.length / 4 }, (_, index) => view.getFloat32(index * 4, true))
}
