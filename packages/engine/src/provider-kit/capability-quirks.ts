import { isRecord } from '@sluice/protocol'
import { type JsonObject, type Quirk, quirk, without } from './quirk.ts'

/**
 * Members that are not taken where another member says something else than one value, as sampling while a model
 * reasons. Where that member says nothing, the provider's own default decides, and it has the word.
 *
 * @param path of one or two names: `reasoning.effort`.
 */
export function dropWhere(path: string, unless: string, ...members: readonly string[]): Quirk {
  const name = `drop-where:${path}!=${unless}:${members.join(',')}`
  return quirk(name, members, (request, warn) => {
    const said = valueAt(request, path)
    if (typeof said !== 'string' || said === unless) return request
    for (const member of members) {
      if (!Object.hasOwn(request, member) || request[member] === null) continue
      warn({
        code: 'field-dropped',
        path: member,
        message: `The model does not take \`${member}\` where \`${path}\` is not \`${unless}\`; it was left out.`,
      })
    }
    return without(request, members)
  })
}

/** One value of a member that is not taken. */
export function dropValue(member: string, value: string): Quirk {
  return quirk(`drop-value:${member}=${value}`, [member], (request, warn) => {
    if (request[member] !== value) return request
    const message = `The model does not take \`${value}\` for \`${member}\`; it was left out.`
    warn({ code: 'value-changed', path: member, message })
    return without(request, [member])
  })
}

/** Reasoning is switched off by a member of its own. */
export const thinkingOff: Quirk = quirk('thinking-off', ['reasoning_effort'], (request) => {
  if (request['reasoning_effort'] !== 'none') return request
  return { ...without(request, ['reasoning_effort']), thinking: { type: 'disabled' } }
})

/** JSON can be asked for, but not by a schema: the schema is told to the model. */
export const jsonSchemaAsText: Quirk = quirk(
  'json-schema-as-text',
  ['response_format'],
  (request, warn) => {
    const { response_format: format, messages } = request
    if (!isRecord(format) || format['type'] !== 'json_schema' || !Array.isArray(messages)) return request
    warn({
      code: 'value-changed',
      path: 'response_format',
      message: 'The provider cannot be held to a JSON Schema; it is told in a system message.',
    })
    const schema = JSON.stringify(valueAt(format, 'json_schema.schema') ?? {})
    const content = `Answer with one JSON object that matches this JSON Schema, and with nothing else:\n${schema}`
    return {
      ...request,
      messages: [{ role: 'system', content }, ...messages],
      response_format: { type: 'json_object' },
    }
  },
  '"json_schema"',
)

/** Anthropic's `tool_choice`, of models that always think and so cannot be made to call a tool. */
export const autoToolChoice: Quirk = quirk('auto-tool-choice', ['tool_choice'], (request, warn) => {
  const { tool_choice: choice } = request
  if (!isRecord(choice) || (choice['type'] !== 'any' && choice['type'] !== 'tool')) return request
  const message = 'This model cannot be made to call a tool; it is left to choose.'
  warn({ code: 'value-changed', path: 'tool_choice', message })
  return { ...request, tool_choice: { ...without(choice, ['name']), type: 'auto' } }
})

function valueAt(value: JsonObject, path: string): unknown {
  let found: unknown = value
  for (const name of path.split('.')) found = isRecord(found) ? found[name] : undefined
  return found
}
