import type { ChatResult, ContentPart, ToolCallPart } from '../ir/chat.ts'
import type { ChatEvent } from '../ir/chat-event.ts'
import { parseJson } from '../json/parse-json.ts'
import { isRecord } from '../json/wire-object.ts'
import type { CallerTool, CallerTools } from './portable-tools.ts'

/** The answer with its calls as the caller knows the tools. */
export function restoreTools(result: ChatResult, tools: CallerTools): ChatResult {
  const restore = (part: ContentPart): ContentPart => {
    const tool = toolOf(part, tools)
    if (part.type !== 'tool-call' || tool === undefined) return part
    return { ...restoreCall(part, tool), input: takesText(part, tool) ? freeText(part.input) : part.input }
  }
  return { ...result, choices: result.choices.map((choice) => ({ ...choice, content: choice.content.map(restore) })) }
}

/** The same for the events of a stream. The input of a tool of free text is passed on when it is whole. */
export class ToolRestorer {
  readonly #tools: CallerTools
  readonly #emit: (event: ChatEvent) => void
  /** What came of inputs that are free text to the caller, by choice and part. */
  readonly #inputs = new Map<string, string[]>()

  constructor(tools: CallerTools, emit: (event: ChatEvent) => void) {
    this.#tools = tools
    this.#emit = emit
  }

  write(event: ChatEvent): void {
    if (event.type === 'part-start') this.#start(event)
    else if (event.type === 'tool-input-delta') {
      const pieces = this.#inputs.get(keyOf(event))
      if (pieces === undefined) this.#emit(event)
      else pieces.push(event.input)
    } else {
      if (event.type === 'part-end') this.#end(event)
      this.#emit(event)
    }
  }

  #start(event: ChatEvent & { type: 'part-start' }): void {
    const { content } = event
    const tool = toolOf(content, this.#tools)
    if (content.type !== 'tool-call' || tool === undefined) return this.#emit(event)
    const call = restoreCall(content, tool)
    if (!takesText(content, tool)) return this.#emit({ ...event, content: call })
    this.#inputs.set(keyOf(event), [content.input])
    this.#emit({ ...event, content: { ...call, input: '' } })
  }

  #end({ choice, part }: ChatEvent & { type: 'part-end' }): void {
    const key = keyOf({ choice, part })
    const pieces = this.#inputs.get(key)
    if (pieces === undefined) return
    this.#inputs.delete(key)
    this.#emit({ type: 'tool-input-delta', choice, part, input: freeText(pieces.join('')) })
  }
}

function keyOf({ choice, part }: { readonly choice: number; readonly part: number }): string {
  return `${choice}.${part}`
}

function toolOf(part: ContentPart, tools: CallerTools): CallerTool | undefined {
  return part.type === 'tool-call' ? tools.get(part.name) : undefined
}

function restoreCall(part: ToolCallPart, { name, namespace, custom }: CallerTool): ToolCallPart {
  return { ...part, kind: custom ? 'custom' : part.kind, name, ...(namespace !== undefined && { namespace }) }
}

/** Whether the provider had to be asked for a function in the place of a custom tool. */
function takesText(part: ToolCallPart, tool: CallerTool): boolean {
  return tool.custom && part.kind === 'function'
}

/** Dialects without custom tools declare a function of one text, `input`. A model may forget to wrap it. */
function freeText(written: string): string {
  const wire = parseJson(written)
  return isRecord(wire) && typeof wire['input'] === 'string' ? wire['input'] : written
}
