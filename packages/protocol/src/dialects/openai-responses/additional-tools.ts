import type { CodecContext } from '../../dialect.ts'
import type { Tool } from '../../ir/chat.ts'
import { isArray, isNumber, isRecord, type WireObject } from '../../json/wire-object.ts'
import { decodeTools, encodeTools, withForm } from './tool-list.ts'
import { formOf, recordOr } from './wire.ts'

/** An input item `additional_tools`: tools that are offered from here on. Elsewhere they are tools like others. */
export function bringsTools(item: WireObject): item is WireObject & { readonly tools: readonly unknown[] } {
  return item['type'] === 'additional_tools' && isArray(item['tools']) && item['tools'].length > 0
}

/** The tools of all such items, each noting the item that it came in. */
export function decodeAdditionalTools(input: unknown): readonly Tool[] {
  if (!isArray(input)) return []
  return input.flatMap((item, at) => {
    if (!isRecord(item) || !bringsTools(item)) return []
    const { tools, ...others } = item
    return decodeTools(tools, `input[${at}].tools`).map((tool) => withForm(tool, { additional: { at, item: others } }))
  })
}

export function isAdditional(tool: Tool): boolean {
  return placeOf(tool) !== undefined
}

function placeOf(tool: Tool): number | undefined {
  const place = formOf(tool.extensions)?.['additional']
  return isRecord(place) && isNumber(place['at']) ? place['at'] : undefined
}

/** Puts the items back where they were. */
export function withAdditionalTools(
  input: readonly unknown[],
  tools: readonly Tool[] | undefined,
  context: CodecContext,
): readonly unknown[] {
  const groups = Map.groupBy(tools?.filter(isAdditional) ?? [], placeOf)
  const items = [...input]
  for (const [at, group] of groups) {
    const place = formOf(group[0]?.extensions)?.['additional']
    const item = recordOr(isRecord(place) ? place['item'] : undefined, {})
    items.splice(at ?? items.length, 0, { ...item, tools: encodeTools(group, context, `input[${at}].tools`) })
  }
  return items
}
