/** CRC-32 as zlib has it (IEEE 802.3, reflected). */
export function crc32(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let crc = 0xffff_ffff
  for (let index = start; index < end; index++) crc = table[(crc ^ bytes[index]!) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffff_ffff) >>> 0
}

const table = createTable(0xedb8_8320)

/** The remainder of each byte: that of all its bits together. It is made when this is imported, so in few steps. */
function createTable(polynomial: number): Uint32Array {
  const remainders = new Uint32Array(256)
  let remainder = 1
  for (let bit = 128; bit > 0; bit >>>= 1) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1
    for (let higher = 0; higher < 256; higher += 2 * bit) remainders[higher + bit] = remainders[higher]! ^ remainder
  }
  return remainders
}
