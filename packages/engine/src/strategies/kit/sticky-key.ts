import type { RouteRequest } from '../../routing/route-request.ts'

export const keySources = ['session', 'user', 'prompt_cache_key', 'prefix'] as const
export type KeySource = (typeof keySources)[number]

export interface AskedKey {
  /** The first that the request has counts. */
  readonly sources: readonly KeySource[]
  /** That names the session; in lower case. */
  readonly header: string
  /** Characters of a prompt's beginning. */
  readonly length: number
}

/** What a request has in common with those that belong to it; `undefined` when it says nothing of the kind. */
export function stickyKey(request: RouteRequest, { sources, header, length }: AskedKey): string | undefined {
  for (const source of sources) {
    const key = source === 'session' ? headerOf(request, header) : readers[source](request.params, length)
    if (typeof key === 'string' && key !== '') return key
  }
  return undefined
}

function headerOf({ headers }: RouteRequest, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

type Params = RouteRequest['params']

const readers: Readonly<Record<Exclude<KeySource, 'session'>, (params: Params, length: number) => unknown>> = {
  user: ({ user, metadata }) => user ?? (isObject(metadata) ? metadata['user_id'] : undefined),
  prompt_cache_key: ({ prompt_cache_key: key }) => key,
  prefix: promptBeginning,
}

/** Members that hold prompts, in the order in which providers put them together. */
const promptMembers = [
  'system',
  'instructions',
  'systemInstruction',
  'messages',
  'input',
  'contents',
  'prompt',
  'message',
]

function promptBeginning(params: Params, length: number): string {
  let text = ''
  for (const member of promptMembers) {
    text = withTextsOf(params[member], text, length)
    if (text.length >= length) break
  }
  return text.slice(0, length)
}

/** Adds the texts in a value until there are enough. */
function withTextsOf(value: unknown, before: string, length: number): string {
  if (before.length >= length) return before
  if (typeof value === 'string') return before + value.slice(0, length - before.length)
  let text = before
  // Whatever the wire, an object's texts are its message's.
  if (isObject(value)) for (const inner of Object.values(value)) text = withTextsOf(inner, text, length)
  return text
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
