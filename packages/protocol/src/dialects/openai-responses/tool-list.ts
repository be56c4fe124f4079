import type { CodecContext } from '../../dialect.ts'
import type { Tool } from '../../ir/chat.ts'
import { isArray, isRecord, isString, type WireObject } from '../../json/wire-object.ts'
import { decodeTool, encodeTool } from './tool.ts'
import { formOf, keep, recordOr } from './wire.ts'

/** Reads a list of tools. Those of a `namespace` are tools like others, which say where they belong. */
export function decodeTools(wire: readonly unknown[], path: string): Tool[] {
  return wires(wire, path).flatMap(([tool, at]) => decodeNamespace(tool, at) ?? [decodeTool(tool, at)])
}

function wires(list: readonly unknown[], path: string): readonly (readonly [unknown, string])[] {
  return list.map((wire, index) => [wire, `${path}[${index}]`])
}

/** `undefined` for what is none, or holds other things than tools of the caller's. */
function decodeNamespace(wire: unknown, path: string): readonly Tool[] | undefined {
  if (!isRecord(wire) || wire['type'] !== 'namespace') return undefined
  const { type: _, name, description, tools: inner, ...others } = wire
  if (!isString(name) || !isArray(inner) || inner.length === 0) return undefined
  if (description !== undefined && !isString(description)) return undefined
  const namespace = { name, ...(description !== undefined && { description }) }
  const tools = wires(inner, `${path}.tools`).map(([tool, at]) => decodeTool(tool, at))
  if (tools.some((tool) => tool.type === 'provider')) return undefined
  return tools.map((tool, index) =>
    withForm({ ...tool, namespace } as Tool, index === 0 ? { namespace: others } : { sameNamespace: true }),
  )
}

/** Notes more of how a tool was written. */
export function withForm(tool: Tool, members: WireObject): Tool {
  const { extensions } = keep(undefined, { ...formOf(tool.extensions), ...members })
  return { ...tool, extensions: { ...tool.extensions, ...extensions } }
}

/** Writes a list of tools, those that follow each other in one namespace as one. */
export function encodeTools(tools: readonly Tool[], context: CodecContext, path: string): WireObject[] {
  const written: WireObject[] = []
  let open: { readonly name: string; readonly tools: WireObject[] } | undefined
  for (const [index, tool] of tools.entries()) {
    const wire = encodeTool(tool, context, `${path}[${index}]`)
    if (wire === undefined) continue
    const namespace = tool.type === 'provider' ? undefined : tool.namespace
    if (namespace === undefined) {
      open = undefined
      written.push(wire)
      continue
    }
    const form = formOf(tool.extensions)
    if (open?.name !== namespace.name || form?.['namespace'] !== undefined) {
      open = { name: namespace.name, tools: [] }
      written.push({ type: 'namespace', ...recordOr(form?.['namespace'], {}), ...namespace, tools: open.tools })
    }
    open.tools.push(wire)
  }
  return written
}
