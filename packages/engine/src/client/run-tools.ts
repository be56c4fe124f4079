import { type ChatMessage, openaiChat, SluiceError } from '@sluice/protocol'
import type { CallOptions } from './call-engine.ts'
import type { ChatAnswer, ChatStep, ToolCall, ToolResult } from './chat-answer.ts'
import type { ChatInputMessage, ChatInputRequest } from './chat-input.ts'
import { type FunctionTool, isFunctionTool, readToolArguments } from './function-tool.ts'
import { InvalidOutputError } from './schema/read-output.ts'
import { sumOf } from './sum-of-steps.ts'

/** How a chat's tools are called, and the model told of what they gave, until it has its answer. */
export interface RunToolsOptions {
  /** Calls of the model, at most. The last may still ask for tools: then its `toolCalls` were not made. */
  readonly maxSteps: number
  /** What becomes of wrong arguments, and of tools that throw: the chat fails, or the model is told. Default `throw`. */
  readonly failures?: 'throw' | 'tell-model'
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
