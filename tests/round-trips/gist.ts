import {
  type ChatMessage,
  type ChatRequest,
  type ChatResult,
  type ContentPart,
  totalInput,
  totalOutput,
} from '@sluice/protocol'

/** What is said, member by member and without regard to how: absent members were not said. */
export type Gist = Readonly<Record<string, unknown>>

export function gistOfRequest(request: ChatRequest): Gist {
  const { messages, tools, toolChoice, responseFormat, reasoning, stop, model: _, extensions: __, ...others } = request
  const functions = tools?.filter((tool) => tool.type === 'function')
  const named = tools?.flatMap((tool) => (tool.type === 'provider' ? [] : [tool]))
  return said({
    ...others,
    ...gistOfMessages(messages),
    effort: reasoning?.effort,
    stop: typeof stop === 'string' ? [stop] : stop,
    tools: named?.map(({ name }) => name),
    toolKinds: named?.map(({ type }) => type),
    toolDescriptions: named?.map(({ description }) => description ?? ''),
    toolParameters: functions?.map(({ parameters }) => parameters),
    toolStrictness: functions?.map(({ strict }) => strict ?? null),
    toolChoice: toolChoice?.type,
    chosenTool: toolChoice?.type === 'tool' ? toolChoice.name : undefined,
    format: responseFormat?.type,
    schema: responseFormat?.type === 'json-schema' ? responseFormat.schema : undefined,
    schemaName: responseFormat?.type === 'json-schema' ? responseFormat.name : undefined,
    schemaStrictness: responseFormat?.type === 'json-schema' ? responseFormat.strict : undefined,
  })
}

export function gistOfResult(result: ChatResult): Gist {
  const { id, created, model, choices, usage } = result
  const parts = choices[0]?.content ?? []
  return said({
    id,
    created,
    model,
    choices: choices.length,
    finishReason: choices[0]?.finishReason,
    ...gistOfParts(parts),
    // A wire without usage says none; one that has only sums says those.
    inputTokens: usage && totalInput(usage),
    outputTokens: usage && totalOutput(usage),
    cacheRead: usage?.cacheRead,
    cacheWrite: usage?.cacheWrite,
    reasoningTokens: usage?.reasoning,
  })
}

function gistOfMessages(messages: readonly ChatMessage[]): Gist {
  const of = (...roles: readonly ChatMessage['role'][]): readonly ContentPart[] =>
    messages.filter(({ role }) => roles.includes(role)).flatMap(partsOf)
  const results = messages.filter(({ role }) => role === 'tool')
  const places = new Map(callsOf(messages.flatMap(partsOf)).map(({ id }, at) => [id, at]))
  return said({
    system: textOf(of('system', 'developer')),
    asked: textOf(of('user')),
    images: of('user').flatMap((part) => (part.type === 'image' ? [part.media] : [])),
    ...prefixed('answered', gistOfParts(of('assistant'))),
    order: orderOf(messages),
    // Ids may be written otherwise, but every result keeps its call.
    results: results.map((message) => [places.get(message.toolCallId ?? ''), textOf(partsOf(message))]),
    failed: results.some(({ isError }) => isError !== undefined)
      ? results.map(({ isError }) => isError ?? false)
      : undefined,
    resultIds: results.map(({ toolCallId }) => toolCallId),
  })
}

function gistOfParts(parts: readonly ContentPart[]): Gist {
  const calls = callsOf(parts)
  const reasoning = parts.filter((part) => part.type === 'reasoning')
  return {
    text: textOf(parts),
    // One with its signature: without it, a wire that asks for signatures has to leave it out.
    reasoning: reasoning.map(({ text, signature }) => [text, signature]),
    calls: calls.map(({ name, input, kind }) => [name, kind === 'function' ? parsed(input) : input]),
    callIds: calls.map(({ id }) => id),
    callKinds: calls.map(({ kind }) => kind),
  }
}

/** Who says what after what, neighbours of one kind taken as one. */
function orderOf(messages: readonly ChatMessage[]): readonly string[] {
  const order: string[] = []
  for (const message of messages) {
    if (message.role === 'system' || message.role === 'developer') continue
    for (const { type } of partsOf(message)) {
      if (type === 'reasoning') continue
      const kind = message.role === 'tool' ? 'result' : `${message.role} ${type}`
      if (order.at(-1) !== kind) order.push(kind)
    }
  }
  return order
}

function partsOf({ content }: ChatMessage): readonly ContentPart[] {
  if (typeof content !== 'string') return content ?? []
  return content === '' ? [] : [{ type: 'text', text: content }]
}

function callsOf(parts: readonly ContentPart[]): readonly (ContentPart & { type: 'tool-call' })[] {
  return parts.filter((part) => part.type === 'tool-call')
}

function textOf(parts: readonly ContentPart[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

/** Equal for equal JSON; wires that hold the input as an object do not keep its white space. */
function parsed(input: string): unknown {
  try {
    return JSON.parse(input)
  } catch {
    return input
  }
}

function prefixed(prefix: string, gist: Gist): Gist {
  return Object.fromEntries(Object.entries(gist).map(([name, value]) => [`${prefix} ${name}`, value]))
}

function said(members: Gist): Gist {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null))
}
