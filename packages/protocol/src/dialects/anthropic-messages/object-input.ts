import type { CodecContext } from '../../dialect.ts'
import type { ToolCallPart } from '../../ir/chat.ts'
import { change } from '../../ir/warn.ts'
import { parseJson } from '../../json/parse-json.ts'
import { isRecord } from '../../json/wire-object.ts'

/**
 * The call with an object for its input: what is none is the text `arguments` of one. Claude takes back nothing else; on
 * Bedrock every model gets it so.
 */
export function withObjectInput(part: ToolCallPart, context: CodecContext, path: string): ToolCallPart {
  if (part.kind === 'custom' || part.input.trim() === '' || isRecord(parseJson(part.input))) return part
  change(
    context,
    `${path}.input`,
    'Arguments of a tool call that are no JSON object are sent as the text in `arguments`.',
  )
  return { ...part, input: JSON.stringify({ arguments: part.input }) }
}
