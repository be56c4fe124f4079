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
  const indices = new Map<string, number>()
  const groundingChunks: WireObject[] = []
  const groundingSupports: WireObject[] = []
  for (const { type, url, title, start, end } of annotations) {
    if (type !== 'url-citation' || url === undefined) continue
    let index = indices.get(url)
    if (index === undefined) {
      indices.set(url, (index = groundingChunks.length))
      groundingChunks.push({ web: { uri: url, ...(title !== undefined && { title }) } })
    }
    if (start === undefined || end === undefined) continue
    const segment = { startIndex: offsets.toBytes(start), endIndex: offsets.toBytes(end), text: text.slice(start, end) }
    groundingSupports.push({ segment, groundingChunkIndices: [index] })
  }
  if (groundingChunks.length === 0) return undefined
  return { groundingChunks, ...(groundingSupports.length > 0 && { groundingSupports }) }
}

/** Between offsets in UTF-8 bytes and in UTF-16 units. Reads the text once, however many are asked for. */
class TextOffsets {
  readonly #text: string
  readonly #plain: boolean
  #bytes: Uint32Array | undefined

  constructor(text: string) {
    this.#text = text
    this.#plain = !/[\u0080-\uffff]/.test(text)
  }

  toCharacters(bytes: number): number {
    if (this.#plain) return Math.max(0, Math.min(bytes, this.#text.length))
    const before = (this.#bytes ??= bytesBefore(this.#text))
    let least = 0
    let most = this.#text.length
    while (least < most) {
      const middle = (least + most) >>> 1
      if (before[middle]! < bytes) least = middle + 1
      else most = middle
    }
    // Not within a pair of surrogates, whose second counts as behind it.
    return least > 0 && before[least] === before[least + 1] ? least + 1 : least
  }

  toBytes(characters: number): number {
    if (this.#plain) return characters
    const before = (this.#bytes ??= bytesBefore(this.#text))
    return before[Math.min(Math.max(0, Math.ceil(characters)), this.#text.length)] ?? 0
  }
}

/** How many bytes stand before each UTF-16 unit, and before the text's end. */
function bytesBefore(text: string): Uint32Array {
  const before = new Uint32Array(text.length + 1)
  for (let index = 0; index < text.length; index++) {
    const code = text.codePointAt(index)!
    const behind = before[index]! + sizeOf(code)
    before[index + 1] = behind
    if (code > 0xffff) before[++index + 1] = behind
  }
  return before
}

function sizeOf(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
}
