import { type ChatMessage, openaiChat, SluiceError } from '@sluice/protocol'
import { type ChatAnswer, type ChatStep, firstChoice, type ToolCall, type ToolResult } from './chat-answer.ts'
import type { ChatInputMessage, ChatInputRequest } from './chat-input.ts'
import { type ChatInputTool, type FunctionTool, isFunctionTool, readToolArguments } from './function-tool.ts'
import { InvalidOutputError } from './schema/read-output.ts'
import { withSpent } from './spent.ts'
import { sumOf } from './sum-of-steps.ts'
import { unlessAborted } from './unless-aborted.ts'

/**
 * How a chat's tools are called, and the model told of what they gave, until it has its answer. A limit of time is the chat's
 * `signal`: `AbortSignal.timeout(30_000)`.
 */
export interface RunToolsOptions {
  /** Calls of the model, at most. The last may still ask for tools: then its `toolCalls` were not made. */
  readonly maxSteps: number
  /** Calls of tools, at most: what would pass it is not made, and ends the run. Default: no limit. */
  readonly maxToolCalls?: number | undefined
  /**
   * What becomes of wrong arguments, of tools that throw, and of tools that there are not: the chat fails, or the model is told.
   * Default `throw`; a call of a tool that there is not is then left to the caller.
   */
  readonly failures?: 'throw' | 'tell-model' | undefined
}

/** A chat that runs its tools, between two calls of the model. */
export interface ToolRun {
  /** What is asked next. */
  readonly request: ChatInputRequest
  /** The calls of the model that were answered. */
  readonly steps: readonly ChatStep[]
  /**
   * Calls the tools that an answer asks for; `signal` gives that up.
   * @returns the answer of the whole run, when it is over. Rejects with `tool_failed` with what a tool threw as its cause.
   */
  hear(answer: ChatAnswer, signal: AbortSignal | undefined): Promise<ChatAnswer | undefined>
  /** The error that ended it, which says from now on by `hasSpent` what was used before. */
  ended(error: unknown): unknown
}

/** @throws SluiceError `invalid_request` for limits that are none. */
export function createToolRun(
  request: ChatInputRequest,
  { maxSteps, maxToolCalls = Number.MAX_SAFE_INTEGER, failures = 'throw' }: RunToolsOptions,
): ToolRun {
  checkLimit('maxSteps', maxSteps, 1)
  checkLimit('maxToolCalls', maxToolCalls, 0)
  const tools = new Map(request.tools?.map((tool) => [nameOf(tool), isFunctionTool(tool) ? tool : undefined]))
  const steps: ChatStep[] = []
  let { messages } = request
  let left = maxToolCalls
  return {
    steps,
    get request() {
      return { ...request, messages }
    },
    async hear(answer, signal) {
      const calls = answer.toolCalls
      left -= calls.length
      // A tool that is not ours to call leaves all of them to the caller.
      const ours = calls.every(({ name }) =>
        tools.has(name) ? tools.get(name)?.execute !== undefined : failures === 'tell-model',
      )
      const step = { answer, results: [] as readonly ToolResult[] }
      steps.push(step)
      if (calls.length === 0 || !ours || left < 0 || steps.length >= maxSteps) {
        return { ...answer, ...sumOf(steps.map((each) => each.answer)), steps }
      }
      const made = Promise.all(calls.map((call) => callTool(tools, call, failures, signal)))
      step.results = await unlessAborted(made, signal)
      messages = [...messages, said(answer), ...step.results.map(toldResult)]
      return undefined
    },
    ended: (error) =>
      withSpent(
        error,
        steps.map(({ answer }) => answer),
      ),
  }
}

function checkLimit(name: keyof RunToolsOptions, limit: number, least: number): void {
  if (Number.isInteger(limit) && limit >= least) return
  throw new SluiceError('invalid_request', `\`runTools.${name}\` must be a whole number from ${least}.`, {
    param: 'runTools',
  })
}

function nameOf(tool: ChatInputTool | FunctionTool): string {
  if (isFunctionTool(tool)) return tool.name
  const { name } = (tool.function ?? tool['custom'] ?? tool) as { readonly name?: unknown }
  return String(name)
}

async function callTool(
  tools: ReadonlyMap<string, FunctionTool | undefined>,
  call: ToolCall,
  failures: 'throw' | 'tell-model',
  signal: AbortSignal | undefined,
): Promise<ToolResult> {
  const tool = tools.get(call.name)
  if (tool === undefined) {
    const names = [...tools].flatMap(([name, ours]) => (ours === undefined ? [] : [name]))
    const content = `There is no tool "${call.name}". There are: ${names.join(', ')}.`
    return { call, content, failed: true }
  }
  try {
    const input = await readToolArguments(tool, call)
    const output = await tool.execute?.(input, { call, signal })
    const content = typeof output === 'string' ? output : (JSON.stringify(output) ?? 'null')
    return { call, content, failed: false }
  } catch (error) {
    if (failures === 'throw') throw asToolFailure(error, call)
    const reason = error instanceof Error ? error.message : String(error)
    const content =
      error instanceof InvalidOutputError ? `${reason} Call it again with better ones.` : `It failed: ${reason}`
    return { call, content, failed: true }
  }
}

function asToolFailure(error: unknown, { name }: ToolCall): SluiceError {
  if (error instanceof SluiceError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new SluiceError('tool_failed', `The tool "${name}" failed: ${reason}`, { cause: error })
}

/** What the model said, as the next request repeats it: with its calls, and what its provider wants to see again. */
export function said(answer: ChatAnswer): ChatInputMessage {
  const message: ChatMessage = { role: 'assistant', content: firstChoice(answer)?.content ?? [] }
  const wire = openaiChat.request.encode({ model: '', messages: [message] }, { warn: () => undefined })
  const [written] = (wire as { readonly messages: readonly ChatInputMessage[] }).messages
  return written!
}

function toldResult({ call, content }: ToolResult): ChatInputMessage {
  return { role: 'tool', tool_call_id: call.id, content }
}
