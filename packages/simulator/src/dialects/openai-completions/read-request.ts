import type { Ask } from '../../dialect.ts'
import { RequestRefused } from '../../dialect.ts'
import { words } from '../../reply/fragments.ts'
import { isGiven, isObject } from '../openai-chat/wire.ts'

/** What was asked: one completion, or as many as `n` says, for each prompt. */
export interface OpenaiCompletionsAsk extends Ask {
  readonly prompts: readonly Pick<Ask, 'said' | 'promptTokens'>[]
  readonly echo: boolean
  readonly rivals: number
  readonly includeUsage: boolean
}

/** Throws `RequestRefused`. */
export function readRequest(json: () => unknown): OpenaiCompletionsAsk {
  const wire = parse(json)
  if (!isObject(wire)) refuse('We could not parse the JSON body of your request: expected an object.')
  const { model, prompt, stream, stream_options: options, n, max_tokens: limit, stop, logprobs, echo, best_of } = wire
  if (typeof model !== 'string' || model === '') refuse('you must provide a model parameter')
  if ('messages' in wire) refuse('Unrecognized request argument supplied: messages')
  if (isGiven(logprobs) && (typeof logprobs !== 'number' || logprobs < 0 || logprobs > 5))
    refuse('logprobs must be an integer from 0 to 5', 'logprobs')
  if (stream !== true && isGiven(options)) refuse("'stream_options' needs 'stream'", 'stream_options')
  const choiceCount = typeof n === 'number' ? n : 1
  if (typeof best_of === 'number' && best_of < choiceCount) refuse("'best_of' must be at least 'n'", 'best_of')
  const prompts = promptsOf(prompt)
  const [first = { said: '', promptTokens: 0 }] = prompts
  return {
    ...first,
    model,
    prompts,
    stream: stream === true,
    toolResults: [],
    tools: [],
    toolChoice: 'none',
    audio: false,
    logprobs: typeof logprobs === 'number',
    rivals: typeof logprobs === 'number' ? logprobs : 0,
    maxTokens: typeof limit === 'number' ? limit : 16,
    stop: typeof stop === 'string' ? [stop] : Array.isArray(stop) ? stop.map(String) : [],
    choiceCount,
    echo: echo === true,
    includeUsage: isObject(options) && options['include_usage'] === true,
  }
}

function parse(json: () => unknown): unknown {
  try {
    return json()
  } catch {
    refuse('We could not parse the JSON body of your request.')
  }
}

/** A text or a list of texts; tokens, or a list of lists of them, which are not read. */
function promptsOf(prompt: unknown): OpenaiCompletionsAsk['prompts'] {
  if (!isGiven(prompt)) return [textPrompt('')]
  if (typeof prompt === 'string') return [textPrompt(prompt)]
  if (!Array.isArray(prompt) || prompt.length === 0) refuse("Invalid type for 'prompt'.", 'prompt')
  if (prompt.every((item) => typeof item === 'number')) return [tokenPrompt(prompt)]
  return prompt.map((item: unknown) => {
    if (typeof item === 'string') return textPrompt(item)
    if (Array.isArray(item)) return tokenPrompt(item)
    return refuse("Invalid type for 'prompt'.", 'prompt')
  })
}

function textPrompt(said: string): OpenaiCompletionsAsk['prompts'][number] {
  return { said, promptTokens: words(said).length }
}

function tokenPrompt(tokens: readonly unknown[]): OpenaiCompletionsAsk['prompts'][number] {
  return { said: `${tokens.length} tokens`, promptTokens: tokens.length }
}

function refuse(message: string, param?: string): never {
  throw new RequestRefused({
    status: 400,
    message,
    type: 'invalid_request_error',
    ...(param !== undefined && { param }),
  })
}
