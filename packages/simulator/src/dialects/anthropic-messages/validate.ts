import { RequestRefused } from '../../dialect.ts'
import { blocksOf, isObject, isObjects, type WireObject, type WireRequest } from './wire.ts'

export interface ValidationOptions {
  /** The `anthropic-version` header. */
  readonly version: string | undefined
  /** Of `count_tokens`, which needs no `max_tokens`. */
  readonly counting: boolean
}

/** Refuses what Anthropic refuses, in its words as far as clients look at them. */
export function validate(value: unknown, { version, counting }: ValidationOptions): WireRequest {
  if (version === undefined) refuse('anthropic-version: header is required')
  if (version !== '2023-06-01' && version !== '2026-10-21') {
    refuse(`anthropic-version: "${version}" is not a valid version`)
  }
  if (!isObject(value)) refuse('The request body is not a JSON object')
  const request: WireRequest = value
  for (const name of Object.keys(value)) {
    const removed = version === '2026-10-21' && samplingMembers.has(name)
    if (!members.has(name) || removed) refuse(`${name}: Extra inputs are not permitted`)
  }
  if (request.model === undefined) refuse('model: Field required')
  if (typeof request.model !== 'string' || request.model === '') refuse('model: Input should be a valid string')
  if (!counting) validateTokens(request)
  if (request.system !== undefined && typeof request.system !== 'string') {
    if (!isObjects(request.system)) refuse('system: Input should be a valid list')
    validateTexts(request.system, 'system')
  }
  validateMessages(request.messages)
  validateTools(request)
  validateSampling(request)
  validateThinking(request)
  return request
}

const samplingMembers: ReadonlySet<string> = new Set(['temperature', 'top_p', 'top_k'])

const members: ReadonlySet<string> = new Set([
  ...samplingMembers,
  'model',
  'messages',
  'max_tokens',
  'system',
  'stream',
  'stop_sequences',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'metadata',
  'service_tier',
  'container',
  'context_management',
  'inference_geo',
  'speed',
  'cache_control',
  'diagnostics',
  'mcp_servers',
])

function validateTokens({ max_tokens: limit, stream }: WireRequest): void {
  if (limit === undefined) refuse('max_tokens: Field required')
  if (!Number.isInteger(limit)) refuse('max_tokens: Input should be a valid integer')
  if ((limit as number) < 0) refuse('max_tokens: Input should be greater than or equal to 0')
  if (stream !== undefined && typeof stream !== 'boolean') refuse('stream: Input should be a valid boolean')
}

function validateMessages(messages: unknown): void {
  if (messages === undefined) refuse('messages: Field required')
  if (!isObjects(messages)) refuse('messages: Input should be a valid list')
  if (messages.length === 0) refuse('messages: at least one message is required')
  messages.forEach((message, index) => validateMessage(message, messages[index - 1], `messages.${index}`))
}

function validateMessage(message: WireObject, before: WireObject | undefined, path: string): void {
  const { role, content, ...others } = message
  const [extra] = Object.keys(others)
  if (extra !== undefined) refuse(`${path}.${extra}: Extra inputs are not permitted`)
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    refuse(`${path}.role: Input should be 'user' or 'assistant'`)
  }
  if (typeof content !== 'string' && !isObjects(content)) refuse(`${path}.content: Input should be a valid list`)
  const blocks = blocksOf(content)
  if (content === '' || blocks.length === 0) refuse(`${path}: all messages must have non-empty content`)
  validateTexts(blocks, `${path}.content`)
  blocks.forEach((block, index) => validateBlock(block, `${path}.content.${index}`))
  validateResults(blocks, before, path)
}

function validateTexts(blocks: readonly WireObject[], path: string): void {
  for (const block of blocks) {
    if (block['type'] === 'text' && block['text'] === '') refuse(`${path}: text content blocks must be non-empty`)
  }
}

function validateBlock(block: WireObject, path: string): void {
  const { type } = block
  if (typeof type !== 'string') refuse(`${path}.type: Field required`)
  if (type === 'thinking' && (typeof block['signature'] !== 'string' || block['signature'] === '')) {
    refuse(`${path}: Invalid \`signature\` in \`thinking\` block`)
  }
  if (type === 'tool_use') {
    validateId(block['id'], `${path}.tool_use.id`)
    if (!isObject(block['input'])) refuse(`${path}.tool_use.input: Input should be a valid dictionary`)
  }
  if (type === 'tool_result') validateId(block['tool_use_id'], `${path}.tool_result.tool_use_id`)
  if ((type === 'image' || type === 'document') && !isObject(block['source'])) refuse(`${path}.source: Field required`)
}

function validateId(id: unknown, path: string): void {
  if (typeof id !== 'string' || !/^[a-zA-Z0-9_-]+$/.test(id)) {
    refuse(`${path}: String should match pattern '^[a-zA-Z0-9_-]+$'`)
  }
}

/** Every call of a turn is answered at the start of the next, and nothing else is. */
function validateResults(blocks: readonly WireObject[], before: WireObject | undefined, path: string): void {
  const calls = before?.['role'] === 'assistant' ? blocksOf(before['content']).filter(isType('tool_use')) : []
  const results = blocks.filter(isType('tool_result'))
  const called = new Set(calls.map((call) => call['id']))
  const answered = new Set(results.map((result) => result['tool_use_id']))
  const missing = [...called].filter((id) => !answered.has(id))
  if (missing.length > 0) {
    refuse(
      `${path}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. ` +
        'Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
    )
  }
  const unexpected = [...answered].filter((id) => !called.has(id))
  if (unexpected.length > 0) {
    refuse(`${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unexpected.join(', ')}.`)
  }
  if (results.length > 0 && blocks.slice(0, results.length).some((block) => block['type'] !== 'tool_result')) {
    refuse(`${path}: \`tool_result\` blocks must come before other content.`)
  }
}

function isType(type: string): (block: WireObject) => boolean {
  return (block) => block['type'] === type
}

function validateTools({ tools, tool_choice: choice }: WireRequest): void {
  if (tools !== undefined && !isObjects(tools)) refuse('tools: Input should be a valid list')
  const all = tools ?? []
  all.forEach((tool: WireObject, index: number) => {
    if (typeof tool['name'] !== 'string') refuse(`tools.${index}.name: Field required`)
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(tool['name'])) {
      refuse(`tools.${index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`)
    }
    const own = tool['type'] === undefined || tool['type'] === 'custom'
    const schema = tool['input_schema']
    if (own && (!isObject(schema) || schema['type'] !== 'object')) {
      refuse(`tools.${index}.custom.input_schema.type: Field required`)
    }
  })
  if (choice === undefined) return
  if (!isObject(choice)) refuse('tool_choice: Input should be a valid dictionary')
  if (all.length === 0) refuse('tool_choice: may only be specified while providing tools.')
  if (choice['type'] === 'tool' && !all.some((tool: WireObject) => tool['name'] === choice['name'])) {
    refuse(`tool_choice.tool: Tool '${String(choice['name'])}' not found in provided tools`)
  }
}

function validateSampling({ temperature, top_p: topP, stop_sequences: stops }: WireRequest): void {
  for (const [name, value] of [
    ['temperature', temperature],
    ['top_p', topP],
  ] as const) {
    if (value === undefined) continue
    if (typeof value !== 'number') refuse(`${name}: Input should be a valid number`)
    if (value < 0 || value > 1) refuse(`${name}: range: 0..1`)
  }
  if (stops === undefined) return
  if (!Array.isArray(stops)) refuse('stop_sequences: Input should be a valid list')
  if (stops.some((stop) => typeof stop !== 'string' || stop.trim() === '')) {
    refuse('stop_sequences: each stop sequence must contain non-whitespace')
  }
}

function validateThinking(request: WireRequest): void {
  const { thinking, max_tokens: limit, tool_choice: choice } = request
  if (thinking === undefined) return
  if (!isObject(thinking)) refuse('thinking: Input should be a valid dictionary')
  if (thinking['type'] === 'enabled') {
    const budget = thinking['budget_tokens']
    if (!Number.isInteger(budget)) refuse('thinking.enabled.budget_tokens: Field required')
    if ((budget as number) < 1024)
      refuse('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024')
    if (typeof limit === 'number' && (budget as number) >= limit) {
      refuse('`max_tokens` must be greater than `thinking.budget_tokens`.')
    }
    if (request.temperature !== undefined && request.temperature !== 1) {
      refuse('`temperature` may only be set to 1 when thinking is enabled.')
    }
  }
  const on = thinking['type'] === 'enabled' || thinking['type'] === 'adaptive'
  if (on && isObject(choice) && (choice['type'] === 'any' || choice['type'] === 'tool')) {
    refuse('Thinking may not be enabled when tool_choice forces tool use.')
  }
}

function refuse(message: string): never {
  throw new RequestRefused({ status: 400, message })
}
