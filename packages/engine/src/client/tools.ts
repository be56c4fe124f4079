import { type ChatMessage, openaiChat, SluiceError } from '@sluice/protocol'
import type { CallOptions } from './call-engine.ts'
import type { ChatAnswer, ToolCall } from './chat-answer.ts'
import type { ChatInputMessage, ChatInputRequest, ChatInputTool } from './chat-input.ts'
import { jsonSchemaOf, strictForm } from './schema/json-schema-of.ts'
import { InvalidOutputError, readOutput } from './schema/read-output.ts'
import type { OutputOf, Schema } from './schema/standard-schema.ts'
import { sumOf } from './sum-of-steps.ts'

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

export interface ToolContext {
  readonly call: ToolCall
  /** That of the chat. */
  readonly signal: AbortSignal | undefined
}

/** How a chat's tools are called, and the model told of what they gave, until it has its answer. */
export interface RunToolsOptions {
  /** Calls of the model, at most. The last may still ask for tools: then its `toolCalls` were not made. */
  readonly maxSteps: number
  /** What becomes of wrong arguments, and of tools that throw: the chat fails, or the model is told. Default `throw`. */
  readonly failures?: 'throw' | 'tell-model'
}

/** One call of the model, and what its tools gave. */
export interface ChatStep {
  readonly answer: ChatAnswer
  readonly results: readonly ToolResult[]
}

export interface ToolResult {
  readonly call: ToolCall
  /** What the model was told. */
  readonly content: string
  readonly failed: boolean
}

/** Declares a tool. A function, so that its arguments have the schema's type. */
export function defineTool<S extends Schema>(tool: FunctionTool<S>): FunctionTool<S> {
  return Object.freeze({ ...tool })
}

/**
 * The arguments of a tool's call as its schema gives them.
 * @throws InvalidOutputError with what the model wrote.
 */
export function readToolArguments<S extends Schema>(tool: FunctionTool<S>, call: ToolCall): Promise<OutputOf<S>> {
  return readOutput(tool.parameters, call.input, `The arguments of the tool "${tool.name}" are not as they must be`)
}

export function isFunctionTool(tool: ChatInputTool | FunctionTool): tool is FunctionTool {
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

type Ask = (request: ChatInputRequest, options: CallOptions) => Promise<ChatAnswer>

/** Asks, calls the tools that the model asks for, and tells it what they gave, until it asks for none. */
export async function runTools(
  ask: Ask,
  request: ChatInputRequest,
  { maxSteps, failures = 'throw' }: RunToolsOptions,
  options: CallOptions,
): Promise<ChatAnswer> {
  if (!Number.isInteger(maxSteps) || maxSteps < 1)
    throw new SluiceError('invalid_request', '`runTools.maxSteps` must be a whole number from 1.', {
      param: 'runTools',
    })
  const tools = new Map(request.tools?.filter(isFunctionTool).map((tool) => [tool.name, tool]))
  const steps: ChatStep[] = []
  let { messages } = request
  for (;;) {
    const answer = await ask({ ...request, messages }, options)
    const calls = answer.toolCalls.map((call) => ({ call, tool: tools.get(call.name) }))
    // A tool that is not ours to call leaves all of them to the caller.
    const ours = calls.length > 0 && calls.every(({ tool }) => tool?.execute !== undefined)
    if (!ours || steps.length + 1 >= maxSteps) {
      steps.push({ answer, results: [] })
      return { ...answer, ...sumOf(steps.map((step) => step.answer)), steps }
    }
    const results = await Promise.all(
      calls.map(({ call, tool }) => callTool(tool as FunctionTool, call, failures, options.signal)),
    )
    steps.push({ answer, results })
    messages = [...messages, said(answer), ...results.map(toldResult)]
  }
}

async function callTool(
  tool: FunctionTool,
  call: ToolCall,
  failures: 'throw' | 'tell-model',
  signal: AbortSignal | undefined,
): Promise<ToolResult> {
  try {
    const input = await readToolArguments(tool, call)
    const output = await tool.execute?.(input, { call, signal })
    const content = typeof output === 'string' ? output : (JSON.stringify(output) ?? 'null')
    return { call, content, failed: false }
  } catch (error) {
    if (failures === 'throw' || signal?.aborted === true) throw error
    const reason = error instanceof Error ? error.message : String(error)
    const content =
      error instanceof InvalidOutputError ? `${reason} Call it again with better ones.` : `It failed: ${reason}`
    return { call, content, failed: true }
  }
}

/** What the model said, as the next request repeats it: with its calls, and what its provider wants to see again. */
export function said({ choices }: ChatAnswer): ChatInputMessage {
  const message: ChatMessage = { role: 'assistant', content: choices[0]?.content ?? [] }
  const wire = openaiChat.request.encode({ model: '', messages: [message] }, { warn: () => undefined })
  const [written] = (wire as { readonly messages: readonly ChatInputMessage[] }).messages
  return written!
}

function toldResult({ call, content }: ToolResult): ChatInputMessage {
  return { role: 'tool', tool_call_id: call.id, content }
}
