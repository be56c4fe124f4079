import type { Ask, AskedTool } from '../../dialect.ts'
import { words } from '../../reply/fragments.ts'
import { isObject, type WireObject } from '../openai-chat/wire.ts'
import { blocksOf, refuse, validate } from './validate.ts'

/** Reads a `Converse` request; the model and the wish for a stream stand in the path. Throws `RequestRefused`. */
export function readRequest(json: () => unknown, path: { readonly model: string; readonly stream: boolean }): Ask {
  const request = validate(parse(json))
  const messages = request['messages'] as readonly WireObject[]
  const config = objectIn(request, 'inferenceConfig')
  const schema = schemaOf(request)
  return {
    ...path,
    said: textOf(messages.findLast((turn) => turn['role'] === 'user' && textOf(turn) !== '')),
    toolResults: blocksOf(messages.at(-1)).flatMap(({ toolResult }) =>
      isObject(toolResult) ? [resultText(toolResult)] : [],
    ),
    ...readTools(request),
    ...(schema !== undefined && { json: { schema } }),
    audio: false,
    logprobs: false,
    ...(typeof config['maxTokens'] === 'number' && { maxTokens: config['maxTokens'] }),
    stop: Array.isArray(config['stopSequences']) ? (config['stopSequences'] as string[]) : [],
    choiceCount: 1,
    promptTokens: messages.reduce((sum, turn) => sum + 3 + words(textOf(turn)).length, 0),
  }
}

function parse(json: () => unknown): unknown {
  try {
    return json()
  } catch {
    refuse('Malformed request: the body is not JSON.')
  }
}

function readTools(request: WireObject): Pick<Ask, 'tools' | 'toolChoice'> {
  const config = objectIn(request, 'toolConfig')
  const entries = Array.isArray(config['tools']) ? (config['tools'] as readonly WireObject[]) : []
  const tools = entries.flatMap(({ toolSpec }): AskedTool[] => {
    if (!isObject(toolSpec)) return []
    const schema = objectIn(toolSpec, 'inputSchema')['json']
    return [{ kind: 'function', name: String(toolSpec['name']), ...(schema !== undefined && { schema }) }]
  })
  const choice = objectIn(config, 'toolChoice')
  const { tool } = choice
  if (isObject(tool)) return { tools: tools.filter(({ name }) => name === tool['name']), toolChoice: 'required' }
  return { tools, toolChoice: 'any' in choice ? 'required' : 'auto' }
}

/** The schema's text, which is checked. */
function schemaOf(request: WireObject): unknown {
  const format = objectIn(objectIn(request, 'outputConfig'), 'textFormat')
  const { schema } = objectIn(objectIn(format, 'structure'), 'jsonSchema')
  if (format['type'] !== 'json_schema') return undefined
  if (typeof schema !== 'string') refuse('outputConfig.textFormat.structure.jsonSchema.schema must be a string')
  try {
    return JSON.parse(schema)
  } catch {
    refuse('The JSON schema is not valid JSON.')
  }
}

function objectIn(value: WireObject, name: string): WireObject {
  const member = value[name]
  return isObject(member) ? member : {}
}

function textOf(turn: WireObject | undefined): string {
  return blocksOf(turn)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('')
}

function resultText(result: WireObject): string {
  return blocksOf(result)
    .map(({ text, json }) => (typeof text === 'string' ? text : json === undefined ? '' : JSON.stringify(json)))
    .join('')
}
