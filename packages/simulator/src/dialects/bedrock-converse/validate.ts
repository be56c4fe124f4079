import { RequestRefused } from '../../dialect.ts'
import { isObject, type WireObject } from '../openai-chat/wire.ts'

/** Refuses what Bedrock refuses, in its words as far as clients look at them. */
export function validate(request: unknown): WireObject {
  if (!isObject(request)) refuse('Malformed request: the body is not a JSON object.')
  const unknown = Object.keys(request).find((name) => !members.has(name))
  if (unknown !== undefined) refuse(`extraneous key [${unknown}] is not permitted`)
  const { messages, toolConfig } = request
  if (!Array.isArray(messages) || messages.length === 0) refuse('A conversation must have at least one message.')
  messages.forEach((message: unknown, index) => validateMessage(message, messages[index - 1], `messages.${index}`))
  if (isObject(messages[0]) && messages[0]['role'] !== 'user') {
    refuse(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    )
  }
  validateTools(toolConfig, messages)
  validateInference(request['inferenceConfig'])
  return request
}

const members: ReadonlySet<string> = new Set([
  'messages',
  'system',
  'inferenceConfig',
  'toolConfig',
  'guardrailConfig',
  'additionalModelRequestFields',
  'additionalModelResponseFieldPaths',
  'promptVariables',
  'requestMetadata',
  'performanceConfig',
  'serviceTier',
  'outputConfig',
])

export function blocksOf(turn: unknown): readonly WireObject[] {
  const content = isObject(turn) ? turn['content'] : undefined
  return Array.isArray(content) ? content.filter(isObject) : []
}

function validateMessage(message: unknown, before: unknown, path: string): void {
  if (!isObject(message)) refuse(`${path} is not an object`)
  const { role, content } = message
  if (role !== 'user' && role !== 'assistant') refuse(`${path}.role must satisfy enum value set: [user, assistant]`)
  if (!Array.isArray(content) || content.length === 0)
    refuse(
      `The content field in the Message object at ${path} is empty. Add a ContentBlock object to the content field.`,
    )
  if (isObject(before) && before['role'] === role)
    refuse('A conversation must alternate between user and assistant roles.')
  content.forEach((block: unknown, index) => validateBlock(block, `${path}.content.${index}`))
  validateResults(message, before, path)
}

function validateBlock(block: unknown, path: string): void {
  if (!isObject(block) || Object.keys(block).length !== 1) refuse(`${path} must have exactly one member`)
  const [kind = '', value] = Object.entries(block)[0] ?? []
  if (kind === 'text' && (typeof value !== 'string' || value.trim() === ''))
    refuse(`The text field in the ContentBlock object at ${path} is blank. Add text to the text field, and try again.`)
  if (!isObject(value)) return
  if (kind === 'toolUse' || kind === 'toolResult') validateId(value['toolUseId'], `${path}.${kind}.toolUseId`)
  if (kind === 'toolUse' && !isObject(value['input']))
    refuse(
      `The format of the value at ${path}.toolUse.input is invalid. Provide a json object for the field and try again.`,
    )
  if (kind === 'image' && !['png', 'jpeg', 'gif', 'webp'].includes(String(value['format'])))
    refuse(`${path}.image.format must satisfy enum value set: [gif, jpeg, png, webp]`)
  if (kind === 'document' && !/^[\p{L}\p{N}()[\]-]+( [\p{L}\p{N}()[\]-]+)*$/u.test(String(value['name'])))
    refuse(
      'The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can’t contain more than one consecutive whitespace character.',
    )
}

function validateId(id: unknown, path: string): void {
  if (typeof id !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(id))
    refuse(
      `Value at '${path}' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+`,
    )
}

/** Every call of a turn is answered in the next, and nothing else is. */
function validateResults(message: WireObject, before: unknown, path: string): void {
  const idsOf = (turn: unknown, kind: string): Set<unknown> =>
    new Set(blocksOf(turn).flatMap((block) => (isObject(block[kind]) ? [block[kind]['toolUseId']] : [])))
  if (message['role'] !== 'user') return
  const called = idsOf(before, 'toolUse')
  const answered = idsOf(message, 'toolResult')
  const missing = [...called].filter((id) => !answered.has(id))
  if (missing.length > 0)
    refuse(`Expected toolResult blocks at ${path}.content for the following Ids: ${missing.join(', ')}`)
  if (answered.size > called.size)
    refuse(`The number of toolResult blocks at ${path}.content exceeds the number of toolUse blocks of previous turn.`)
}

function validateTools(config: unknown, messages: readonly unknown[]): void {
  const used = messages.flatMap(blocksOf).some((block) => 'toolUse' in block || 'toolResult' in block)
  if (config === undefined) {
    if (used) refuse('The toolConfig field must be defined when using toolUse and toolResult content blocks.')
    return
  }
  const tools = isObject(config) ? config['tools'] : undefined
  if (!Array.isArray(tools) || tools.length === 0) refuse('toolConfig.tools must have at least one tool')
  for (const [index, tool] of tools.entries()) {
    const spec: unknown = isObject(tool) ? tool['toolSpec'] : undefined
    if (!isObject(spec)) continue
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(String(spec['name'])))
      refuse(`Value at 'toolConfig.tools.${index}.member.toolSpec.name' failed to satisfy constraint`)
    const schema = isObject(spec['inputSchema']) ? spec['inputSchema']['json'] : undefined
    if (!isObject(schema) || schema['type'] !== 'object')
      refuse(
        `The value at toolConfig.tools.${index}.toolSpec.inputSchema.json.type must be one of the following: object.`,
      )
  }
}

function validateInference(config: unknown): void {
  if (config === undefined) return
  if (!isObject(config)) refuse('inferenceConfig must be an object')
  for (const name of ['temperature', 'topP']) {
    const value = config[name]
    if (value !== undefined && (typeof value !== 'number' || value < 0 || value > 1))
      refuse(`Value at 'inferenceConfig.${name}' failed to satisfy constraint: Member must be between 0 and 1`)
  }
}

export function refuse(message: string): never {
  throw new RequestRefused({ status: 400, type: 'ValidationException', message })
}
