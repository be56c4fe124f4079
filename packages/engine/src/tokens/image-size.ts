import type { ImageSize } from './image-tokens.ts'

/** The size that the head of a PNG, GIF, JPEG or WebP tells; `undefined` when it is none of them or is cut short. */
export function imageSize(base64: string): ImageSize | undefined {
  const bytes = decodeHead(base64)
  if (bytes === undefined || bytes.length < 30) return undefined
  const view = new DataView(bytes.buffer)
  const size = readPng(view) ?? readGif(view) ?? readWebp(view) ?? readJpeg(view)
  return size === undefined || size.width === 0 || size.height === 0 ? undefined : size
}

/** A JPEG may have pictures and profiles before its size. */
const longestHead = 256 * 1024

function decodeHead(base64: string): Uint8Array<ArrayBuffer> | undefined {
  const length = Math.min(base64.length - (base64.length % 4), longestHead)
  try {
    return Uint8Array.from(atob(base64.slice(0, length)), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}

function readPng(view: DataView): ImageSize | undefined {
  if (view.getUint32(0) !== 0x89504e47) return undefined
  return { width: view.getUint32(16), height: view.getUint32(20) }
}

function readGif(view: DataView): ImageSize | undefined {
  if (view.getUint32(0) !== 0x47494638) return undefined
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) }
}

function readWebp(view: DataView): ImageSize | undefined {
  if (view.getUint32(0) !== 0x52494646 || view.getUint32(8) !== 0x57454250) return undefined
  switch (view.getUint32(12)) {
    case 0x56503858:
      return { width: 1 + (view.getUint32(24, true) & 0xffffff), height: 1 + (view.getUint32(26, true) >>> 8) }
    case 0x56503820:
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
    case 0x5650384c: {
      const bits = view.getUint32(21, true)
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
    }
    default:
      return undefined
  }
}

// Segment by segment, to the first that begins a frame.
function readJpeg(view: DataView): ImageSize | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined
  let offset = 2
  while (offset + 9 <= view.byteLength) {
    const marker = view.getUint16(offset)
    if (marker < 0xff01) return undefined
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && marker !== 0xffc4 && marker !== 0xffc8 && marker !== 0xffcc
    if (isFrame) return { width: view.getUint16(offset + 7), height: view.getUint16(offset + 5) }
    offset += 2 + view.getUint16(offset + 2)
  }
  return undefined
}
