import type { Ask, AskedTool } from '../../dialect.ts'
import { RequestRefused } from '../../dialect.ts'
import { words } from '../../reply/fragments.ts'
import { isObject, type WireObject } from '../openai-chat/wire.ts'

/** Reads a `generateContent` request; the model and the wish for a stream stand in the path. Throws `RequestRefused`. */
export function readRequest(json: () => unknown, path: { readonly model: string; readonly stream: boolean }): Ask {
  const request = parse(json)
  const contents = request['contents']
  if (!Array.isArray(contents) || contents.length === 0) refuse('contents is not specified', 'contents')
  const turns = contents.map((turn, index) => checkTurn(turn, index))
  const config = isObject(request['generationConfig']) ? request['generationConfig'] : {}
  checkSignatures(turns, path.model)
  const lastParts = turns.at(-1)?.parts ?? []
  const results = lastParts.map((part) => part['functionResponse']).filter(isObject)
  return {
    ...path,
    said: textOf(turns.findLast((turn) => turn.role === 'user' && textOf(turn.parts) !== '')?.parts ?? []),
    toolResults: results.map((result) => resultText(result['response'])),
    ...readTools(request),
    ...(config['responseMimeType'] === 'application/json' && { json: schemaOf(config) }),
    audio: Array.isArray(config['responseModalities']) && config['responseModalities'].includes('AUDIO'),
    logprobs: config['responseLogprobs'] === true,
    ...(typeof config['maxOutputTokens'] === 'number' && { maxTokens: config['maxOutputTokens'] }),
    stop: strings(config['stopSequences']),
    choiceCount: typeof config['candidateCount'] === 'number' ? config['candidateCount'] : 1,
    promptTokens: turns.reduce((sum, turn) => sum + 3 + words(textOf(turn.parts)).length, 0),
  }
}

interface Turn {
  readonly role: string
  readonly parts: readonly WireObject[]
}

function parse(json: () => unknown): WireObject {
  let value: unknown
  try {
    value = json()
  } catch {
    refuse('Invalid JSON payload received. Unexpected token.')
  }
  if (!isObject(value)) refuse('Invalid JSON payload received.')
  const unknown = Object.keys(value).find((name) => !known.includes(name))
  if (unknown !== undefined)
    refuse(`Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`, unknown)
  return value
}

const known = [
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'safetySettings',
  'generationConfig',
  'cachedContent',
  'serviceTier',
  'model',
]

function checkTurn(turn: unknown, index: number): Turn {
  const path = `contents[${index}]`
  if (!isObject(turn)) refuse(`Invalid value at '${path}'`, path)
  const { role = 'user', parts } = turn
  if (role !== 'user' && role !== 'model' && role !== 'function')
    refuse('Please use a valid role: user, model.', `${path}.role`)
  if (!Array.isArray(parts) || parts.length === 0 || !parts.every(isObject)) {
    refuse(`${path}.parts must not be empty.`, `${path}.parts`)
  }
  for (const part of parts) {
    const call = part['functionCall']
    if (isObject(call) && call['args'] !== undefined && !isObject(call['args']))
      refuse(`Invalid value at '${path}.parts.function_call.args'`)
    const response = part['functionResponse']
    if (isObject(response) && (typeof response['name'] !== 'string' || response['name'] === '')) {
      refuse(`${path}.parts.function_response.name: [REQUIRED_FIELD_MISSING]`)
    }
    if (isObject(response) && !isObject(response['response']))
      refuse(`Invalid value at '${path}.parts.function_response.response'`)
  }
  return { role, parts }
}

/** From Gemini 3 on the first call of a turn must come with its signature. */
function checkSignatures(turns: readonly Turn[], model: string): void {
  if (!/gemini-[3-9]/.test(model)) return
  for (const turn of turns) {
    const call = turn.role === 'model' ? turn.parts.find((part) => 'functionCall' in part) : undefined
    if (call !== undefined && typeof call['thoughtSignature'] !== 'string') {
      refuse('Function call is missing a thought_signature in functionCall parts.')
    }
  }
}

function readTools(request: WireObject): Pick<Ask, 'tools' | 'toolChoice'> {
  const entries = Array.isArray(request['tools']) ? request['tools'].filter(isObject) : []
  const declared = entries.flatMap((entry) =>
    Array.isArray(entry['functionDeclarations']) ? entry['functionDeclarations'].filter(isObject) : [],
  )
  const tools = declared.map((declaration): AskedTool => {
    const schema = declaration['parametersJsonSchema'] ?? lowerTypes(declaration['parameters'])
    return { kind: 'function', name: String(declaration['name']), ...(schema !== undefined && { schema }) }
  })
  const config = isObject(request['toolConfig']) ? request['toolConfig']['functionCallingConfig'] : undefined
  const { mode, allowedFunctionNames } = isObject(config) ? config : {}
  if (mode === 'NONE') return { tools, toolChoice: 'none' }
  const names = strings(allowedFunctionNames)
  const allowed = names.length === 0 ? tools : tools.filter((tool) => names.includes(tool.name))
  if (mode === 'ANY' && allowed.length === 0)
    refuse('Function calling mode is ANY but no function is declared.', 'tool_config')
  return { tools: allowed, toolChoice: mode === 'ANY' ? 'required' : 'auto' }
}

function schemaOf(config: WireObject): { schema?: unknown } {
  const schema = config['responseJsonSchema'] ?? lowerTypes(config['responseSchema'])
  return schema === undefined ? {} : { schema }
}

/** The OpenAPI subset has its types in upper case. */
function lowerTypes(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lowerTypes)
  if (!isObject(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [
      name,
      name === 'type' && typeof value === 'string' ? value.toLowerCase() : lowerTypes(value),
    ]),
  )
}

function textOf(parts: readonly WireObject[]): string {
  return parts
    .map((part) => (typeof part['text'] === 'string' && part['thought'] !== true ? part['text'] : ''))
    .join('')
}

function resultText(response: unknown): string {
  if (isObject(response) && typeof response['output'] === 'string') return response['output']
  return JSON.stringify(response)
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function refuse(message: string, param?: string): never {
  throw new RequestRefused({ status: 400, message, type: 'INVALID_ARGUMENT', ...(param !== undefined && { param }) })
}
