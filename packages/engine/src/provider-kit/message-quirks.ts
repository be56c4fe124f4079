import { isRecord, type ReasoningMember, type Warning } from '@sluice/protocol'
import { type JsonObject, type Quirk, quirk, without } from './quirk.ts'

/** The role `developer`, which OpenAI put in the place of `system`, is not known. */
export const systemRole: Quirk = quirk(
  'system-role',
  ['messages'],
  (request) =>
    mapMessages(request, (message) => (message['role'] === 'developer' ? { ...message, role: 'system' } : message)),
  '"developer"',
)

/** A member of messages that is not taken. */
export function dropInMessages(member: string): Quirk {
  return quirk(
    `message-drop:${member}`,
    ['messages'],
    (request, warn) =>
      mapMessages(request, (message, path) => {
        if (!Object.hasOwn(message, member)) return message
        warn({
          code: 'field-dropped',
          path: `${path}.${member}`,
          message: `The provider does not take \`${member}\` of messages; it was left out.`,
        })
        return without(message, [member])
      }),
    JSON.stringify(member),
  )
}

/** Contents are texts and not lists of parts. */
export const textContent: Quirk = quirk(
  'text-content',
  ['messages'],
  (request, warn) =>
    mapMessages(request, (message, path) => {
      const { content } = message
      return Array.isArray(content) ? { ...message, content: joinTexts(content, `${path}.content`, warn) } : message
    }),
  '"type"',
)

/** Ids of tool calls have a certain number of letters and digits. Others are replaced, each always by the same. */
export function toolIds(length: number): Quirk {
  const fit = new RegExp(`^[A-Za-z0-9]{${length}}$`)
  const idFor = (id: unknown): unknown => (typeof id !== 'string' || fit.test(id) ? id : shortId(id, length))
  return quirk(
    `tool-ids:${length}`,
    ['messages'],
    (request) =>
      mapMessages(request, (message) => {
        const { tool_calls: calls, tool_call_id: id } = message
        const answered = id === undefined ? message : { ...message, tool_call_id: idFor(id) }
        return Array.isArray(calls)
          ? {
              ...answered,
              tool_calls: calls.map((call) => (isRecord(call) ? { ...call, id: idFor(call['id']) } : call)),
            }
          : answered
      }),
    '"tool_call',
  )
}

/** A model that goes on after its calls wants to read what it had thought. */
export function keepReasoning(member: ReasoningMember): Quirk {
  return { ...quirk(`keep-reasoning:${member}`, [], (request) => request), reasoningMember: member }
}

function mapMessages(request: JsonObject, change: (message: JsonObject, path: string) => JsonObject): JsonObject {
  const { messages } = request
  if (!Array.isArray(messages)) return request
  return {
    ...request,
    messages: messages.map((message: unknown, index) =>
      isRecord(message) ? change(message, `messages[${index}]`) : message,
    ),
  }
}

function joinTexts(parts: readonly unknown[], path: string, warn: (warning: Warning) => void): string {
  const texts: string[] = []
  parts.forEach((part, index) => {
    if (isRecord(part) && typeof part['text'] === 'string') texts.push(part['text'])
    else
      warn({
        code: 'field-dropped',
        path: `${path}[${index}]`,
        message: 'The provider takes only texts; this part was left out.',
      })
  })
  return texts.join('\n')
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Evenly spread, so that two ids of one conversation do not meet: FNV-1a over 64 bits, in base 62. */
function shortId(id: string, length: number): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(id)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  let text = ''
  for (let rest = hash; text.length < length; rest /= 62n) text += alphabet[Number(rest % 62n)]
  return text
}
