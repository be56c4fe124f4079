import type { Ask, AskedTool } from '../dialect.ts'
import { words } from './fragments.ts'
import type { Reply, ToolCall } from './reply.ts'
import { schemaExample } from './schema-example.ts'

/** What the simulator says on its own: clearly no model, the same for the same request. */
export function defaultReply(ask: Ask, label: string): Reply {
  const called = calledTool(ask)
  if (called !== undefined) return { toolCalls: [called] }
  const said = ask.json === undefined ? speech(ask, label) : JSON.stringify(jsonValue(ask, label))
  const { fragments, cut } = limit(said, ask)
  const finishReason = cut ? 'length' : 'stop'
  if (ask.audio) return { audio: { data: silence, transcript: fragments }, finishReason }
  return { text: fragments, finishReason }
}

function speech(ask: Ask, label: string): string {
  const introduction = `This is ${label}, not a model.`
  if (ask.toolResults.length > 0) return `${introduction} The tool answered: ${excerpt(ask.toolResults.join(' '))}`
  return ask.said === '' ? `${introduction} You said nothing.` : `${introduction} You said: ${excerpt(ask.said)}`
}

const excerptLength = 500

function excerpt(text: string): string {
  if (text.length <= excerptLength) return text
  // Not through the middle of a character that takes two code units.
  return `${text.slice(0, excerptLength).replace(/[\uD800-\uDBFF]$/, '')}…`
}

function jsonValue(ask: Ask, label: string): unknown {
  if (ask.json?.schema !== undefined) return schemaExample(ask.json.schema)
  return { answer: speech(ask, label) }
}

/** A tool is called when one must be, or when one may be and the user's words name it; never after its result. */
function calledTool(ask: Ask): ToolCall | undefined {
  if (ask.toolChoice === 'none' || ask.toolResults.length > 0) return undefined
  const named = ask.tools.find((tool) => isNamed(tool, ask.said))
  const tool = named ?? (ask.toolChoice === 'required' || asksForTool(ask.said) ? ask.tools[0] : undefined)
  if (tool === undefined) return undefined
  if (tool.kind === 'custom') return { name: tool.name, input: ask.said }
  return { name: tool.name, arguments: tool.schema === undefined ? {} : schemaExample(tool.schema) }
}

function asksForTool(said: string): boolean {
  return /\b(?:use|call)\b.{0,20}\b(?:tools?|functions?)\b/i.test(said)
}

const commonWords: ReadonlySet<string> = new Set([
  'with',
  'from',
  'list',
  'find',
  'make',
  'data',
  'tool',
  'call',
  'current',
])

/** `get_weather` is named by "get_weather" and by "weather". */
function isNamed(tool: AskedTool, said: string): boolean {
  const text = said.toLowerCase()
  if (tool.name.length >= 4 && text.includes(tool.name.toLowerCase())) return true
  const parts = tool.name
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
  const spoken = new Set(text.split(/[^\p{L}\p{N}]+/u))
  return parts.some((part) => part.length >= 4 && !commonWords.has(part) && spoken.has(part))
}

function limit(text: string, ask: Ask): { readonly fragments: readonly string[]; readonly cut: boolean } {
  const ends = ask.stop.map((stop) => (stop === '' ? -1 : text.indexOf(stop))).filter((index) => index >= 0)
  const all = words(ends.length > 0 ? text.slice(0, Math.min(...ends)) : text)
  const most = ask.maxTokens ?? Infinity
  return all.length > most ? { fragments: all.slice(0, most), cut: true } : { fragments: all, cut: false }
}

/** 16-bit PCM of nothing, in base64. */
const silence = 'AAAA'.repeat(32)
