import type { ToolCall } from './chat-answer.ts'
import { jsonSchemaOf, strictForm } from './schema/json-schema-of.ts'
import { readOutput } from './schema/read-output.ts'
import type { OutputOf, Schema } from './schema/standard-schema.ts'

/** A tool as it goes over the wire. */
export interface ChatInputTool {
  readonly type: string
  readonly function?: {
    readonly name: string
    readonly description?: string
    /** JSON Schema of the arguments. */
    readonly parameters?: object
    readonly strict?: boolean | null
  }
  readonly [field: string]: unknown
}

/** A function that a model may call. */
export interface FunctionTool<S extends Schema = Schema> {
  readonly name: string
  /** For the model: what it does, and when to call it. */
  readonly description?: string
  /** Of its arguments, which are one object: a Standard Schema (zod, valibot, arktype), or plain JSON Schema. */
  readonly parameters: S
  /** What `runTools` calls. The model is told what it gives, as text or as JSON. */
  execute?(input: OutputOf<S>, context: ToolContext): unknown
}

/** What a tool is given besides its arguments. */
export interface ToolContext {
  readonly call: ToolCall
  /** That of the chat. */
  readonly signal: AbortSignal | undefined
}

/**
 * Declares a tool. A function, so that its arguments have the schema's type, and so that the tool knows how it goes over
 * the wire.
 */
export function defineTool<S extends Schema>(tool: FunctionTool<S>): FunctionTool<S> {
  return Object.freeze({
    ...tool,
    // Of the object that it is found in: others may be made of this one.
    toJSON(this: FunctionTool<S>) {
      return toInputTool(this)
    },
  })
}

/**
 * The arguments of a tool's call as its schema gives them.
 * @throws InvalidOutputError with what the model wrote.
 */
export function readToolArguments<S extends Schema>(tool: FunctionTool<S>, call: ToolCall): Promise<OutputOf<S>> {
  // Nothing at all is how some models write no arguments.
  const input = call.input.trim() === '' ? '{}' : call.input
  return readOutput(tool.parameters, input, `The arguments of the tool "${tool.name}" are not as they must be`)
}

export function isFunctionTool(tool: ChatInputTool | FunctionTool): tool is FunctionTool {
  // Without types anything may come.
  if (typeof tool !== 'object' || tool === null) return false
  return 'parameters' in tool && typeof tool['name'] === 'string' && !('type' in tool)
}

/** As it goes over the wire. */
export function toInputTool(tool: ChatInputTool | FunctionTool): ChatInputTool {
  if (!isFunctionTool(tool)) return tool
  const { name, description, parameters } = tool
  const { schema, strict } = strictForm(jsonSchemaOf(parameters))
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters: schema,
      ...(strict && { strict }),
    },
  }
}
