import { bytesOf } from './made-up.ts'

/** A vector of length one, always the same for the same text. */
export function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = Float32Array.from(bytesOf(text, dimensions), (byte) => byte - 127.5)
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

export type VectorForm = 'float' | 'base64' | 'int8' | 'uint8' | 'binary' | 'ubinary'

/** Base64 is of little-endian 32-bit floats; bits are packed eight to a number. */
export function writeVector(vector: Float32Array, form: VectorForm): readonly number[] | string {
  switch (form) {
    case 'float':
      return [...vector]
    case 'base64': {
      const bytes = Buffer.alloc(vector.length * 4)
      vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4))
      return bytes.toString('base64')
    }
    case 'int8':
      return Array.from(vector, (value) => Math.round(value * 127))
    case 'uint8':
      return Array.from(vector, (value) => Math.round(value * 127) + 128)
    case 'ubinary':
      return packed(vector)
    case 'binary':
      return packed(vector).map((byte) => byte - 128)
  }
}

function packed(vector: Float32Array): readonly number[] {
  return Array.from({ length: Math.ceil(vector.length / 8) }, (_, at) =>
    vector.subarray(at * 8, at * 8 + 8).reduce((byte, value, bit) => (value > 0 ? byte | (0x80 >> bit) : byte), 0),
  )
}
