import type { CodecContext } from '../dialect.ts'
import type { ChatMessage, ChatRequest, ContentPart, Tool, ToolChoice } from '../ir/chat.ts'
import { withHash } from './shorten.ts'

/** A tool as its caller knows it. */
export interface CallerTool {
  readonly name: string
  readonly namespace?: string
  /** Whether it takes free text. */
  readonly custom: boolean
}

/** The caller's tools, by the names that a provider is told. */
export type CallerTools = ReadonlyMap<string, CallerTool>

interface Named {
  readonly name: string
  readonly namespace?: string | { readonly name: string }
}

/** What OpenAI, Anthropic and Google all take as the name of a function. */
const portable = /^[\w-]{1,64}$/

/** The same for the same tool in every turn, whatever other tools there are. */
function portableName({ name, namespace }: Named): string {
  const prefix = typeof namespace === 'object' ? namespace.name : namespace
  const whole = prefix === undefined ? name : prefix.endsWith('__') ? prefix + name : `${prefix}__${name}`
  if (portable.test(whole)) return whole
  return withHash(whole.replaceAll(/[^\w-]/g, '_'), whole)
}

/** What answers have to be read by; `undefined` where every tool is a function under its own name. */
export function callerTools(request: ChatRequest): CallerTools | undefined {
  let tools: Map<string, CallerTool> | undefined
  for (const tool of request.tools ?? []) {
    if (tool.type === 'provider') continue
    const name = portableName(tool)
    const custom = tool.type === 'custom'
    if (name === tool.name && !custom) continue
    const { namespace } = tool
    tools ??= new Map()
    tools.set(name, { name: tool.name, custom, ...(namespace !== undefined && { namespace: namespace.name }) })
  }
  return tools
}

/** The request with all tools under names that any provider takes. */
export function withPortableTools(request: ChatRequest, context: CodecContext): ChatRequest {
  const { tools, toolChoice } = request
  const messages = request.messages.map(renameCalls)
  return {
    ...request,
    messages,
    ...(tools !== undefined && { tools: tools.map((tool, index) => renameTool(tool, context, `tools[${index}]`)) }),
    ...(toolChoice !== undefined && { toolChoice: renameChoice(toolChoice) }),
  }
}

function renameTool(tool: Tool, context: CodecContext, path: string): Tool {
  if (tool.type === 'provider') return tool
  const name = portableName(tool)
  if (name === tool.name) return tool
  const { namespace, ...others } = tool
  if (namespace?.description !== undefined && namespace.description !== '') {
    const message = 'What is said of the namespace of a tool has no counterpart and was left out.'
    context.warn({ code: 'field-dropped', path: `${path}.namespace.description`, message })
  }
  return { ...others, name }
}

function renameCalls(message: ChatMessage): ChatMessage {
  const { content, role, name } = message
  if (role === 'tool' && name !== undefined) return { ...message, name: portableName({ name }) }
  if (role !== 'assistant' || typeof content !== 'object' || content === null) return message
  return content.some((part) => part.type === 'tool-call') ? { ...message, content: content.map(renameCall) } : message
}

function renameCall(part: ContentPart): ContentPart {
  if (part.type !== 'tool-call') return part
  const name = portableName(part)
  if (name === part.name) return part
  const { namespace: _, ...others } = part
  return { ...others, name }
}

function renameChoice(choice: ToolChoice): ToolChoice {
  return choice.type === 'tool' ? { ...choice, name: portableName(choice) } : choice
}
