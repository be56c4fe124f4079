import type { Annotation } from '../../ir/chat.ts'
import { isArray, isNumber, isRecord, isString, type WireObject } from './wire.ts'

/**
 * The sources of a grounded answer as annotations of its text: one for each source of each supported segment, or,
 * where no segment is named, one for each source. Google's offsets count bytes of UTF-8.
 * https://ai.google.dev/gemini-api/docs/google-search#attributing_sources_with_inline_citations
 */
export function decodeGrounding(wire: unknown, text: string): readonly Annotation[] {
  if (!isRecord(wire) || !isArray(wire['groundingChunks'])) return []
  const sources = wire['groundingChunks'].map(sourceOf)
  const supports = isArray(wire['groundingSupports']) ? wire['groundingSupports'].filter(isRecord) : []
  if (supports.length === 0) return sources.filter((source) => source !== undefined)
  const offsets = new TextOffsets(text)
  return supports.flatMap((support) => {
    const segment = isRecord(support['segment']) ? support['segment'] : {}
    const { startIndex = 0, endIndex } = segment
    const place =
      isNumber(startIndex) && isNumber(endIndex)
        ? { start: offsets.toCharacters(startIndex), end: offsets.toCharacters(endIndex) }
        : {}
    const indices = isArray(support['groundingChunkIndices']) ? support['groundingChunkIndices'] : []
    return indices.flatMap((index): Annotation[] => {
      const source = isNumber(index) ? sources[index] : undefined
      return source === undefined ? [] : [{ ...source, ...place }]
    })
  })
}

/** A page of the web, a place of a map, a file of a store. */
function sourceOf(chunk: unknown): Annotation | undefined {
  if (!isRecord(chunk)) return undefined
  const source = chunk['web'] ?? chunk['maps'] ?? chunk['retrievedContext']
  if (!isRecord(source) || !isString(source['uri'])) return undefined
  return { type: 'url-citation', url: source['uri'], ...(isString(source['title']) && { title: source['title'] }) }
}

/** `undefined` when none of the annotations cites a source. */
export function encodeGrounding(annotations: readonly Annotation[], text: string): WireObject | undefined {
  const offsets = new TextOffsets(text)
  const uris: string[] = []
  const groundingChunks: WireObject[] = []
  const groundingSupports: WireObject[] = []
  for (const { type, url, title, start, end } of annotations) {
    if (type !== 'url-citation' || url === undefined) continue
    let index = uris.indexOf(url)
    if (index < 0) {
      index = uris.push(url) - 1
      groundingChunks.push({ web: { uri: url, ...(title !== undefined && { title }) } })
    }
    if (start === undefined || end === undefined) continue
    const segment = { startIndex: offsets.toBytes(start), endIndex: offsets.toBytes(end), text: text.slice(start, end) }
    groundingSupports.push({ segment, groundingChunkIndices: [index] })
  }
  if (groundingChunks.length === 0) return undefined
  return { groundingChunks, ...(groundingSupports.length > 0 && { groundingSupports }) }
}

/** Between offsets in UTF-8 bytes and in UTF-16 units. */
class TextOffsets {
  readonly #text: string
  readonly #plain: boolean

  constructor(text: string) {
    this.#text = text
    this.#plain = !/[\u0080-\uffff]/.test(text)
  }

  toCharacters(bytes: number): number {
    if (this.#plain) return Math.max(0, Math.min(bytes, this.#text.length))
    let left = bytes
    let index = 0
    while (left > 0 && index < this.#text.length) {
      const code = this.#text.codePointAt(index)!
      left -= sizeOf(code)
      index += code > 0xffff ? 2 : 1
    }
    return index
  }

  toBytes(characters: number): number {
    if (this.#plain) return characters
    let bytes = 0
    for (let index = 0; index < Math.min(characters, this.#text.length); index++) {
      const code = this.#text.codePointAt(index)!
      bytes += sizeOf(code)
      if (code > 0xffff) index++
    }
    return bytes
  }
}

function sizeOf(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
}
