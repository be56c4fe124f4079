import { autoToolChoice, dropValue, dropWhere, jsonSchemaAsText, thinkingOff } from './capability-quirks.ts'
import { dropInMessages, keepReasoning, systemRole, textContent, toolIds } from './message-quirks.ts'
import { clamp, drop, forModels, omit, only, type Quirk, rename, replace, set } from './quirk.ts'

/** Each kind by the pattern of its name. */
const kinds: readonly (readonly [RegExp, (...groups: readonly string[]) => Quirk])[] = [
  [/^rename:(\w+)=(\w+)$/, (from = '', to = '') => rename(from, to)],
  [/^drop:(\w+(?:,\w+)*)$/, (members = '') => drop(...members.split(','))],
  [/^omit:(\w+(?:,\w+)*)$/, (members = '') => omit(...members.split(','))],
  [/^set:(\w+)=(.+)$/, (member = '', value = '') => set(member, readValue(value))],
  [
    /^replace:(\w+)=([\w-]+>[\w-]+(?:,[\w-]+>[\w-]+)*)$/,
    (member = '', pairs = '') => replace(member, readPairs(pairs)),
  ],
  [
    /^clamp:(\w+)=(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)$/,
    (member = '', low = '', high = '') => clamp(member, Number(low), Number(high)),
  ],
  [
    /^only:(\w+)=(\w+|"\w+")$/,
    (member = '', value = '') => only(member, readValue(value) as string | number | boolean),
  ],
  [/^message-drop:(\w+)$/, (member = '') => dropInMessages(member)],
  [/^tool-ids:([1-9]|[12]\d|3[0-2])$/, (length = '') => toolIds(Number(length))],
  [
    /^keep-reasoning:(reasoning_content|reasoning_details)$/,
    (member = '') => keepReasoning(member as Parameters<typeof keepReasoning>[0]),
  ],
  [
    /^drop-where:(\w+(?:\.\w+)?)!=(\w+):(\w+(?:,\w+)*)$/,
    (path = '', unless = '', members = '') => dropWhere(path, unless, ...members.split(',')),
  ],
  [/^drop-value:(\w+)=(\w+)$/, (member = '', value = '') => dropValue(member, value)],
  [/^thinking-off$/, () => thinkingOff],
  [/^json-schema-as-text$/, () => jsonSchemaAsText],
  [/^auto-tool-choice$/, () => autoToolChoice],
  [/^text-content$/, () => textContent],
  [/^system-role$/, () => systemRole],
]

/** The quirk that a config file names: `drop:seed`, `rename:seed=random_seed@mistral-*`; `undefined` when it names none. */
export function readQuirk(name: string): Quirk | undefined {
  const [kind = '', models] = name.split('@', 2)
  for (const [pattern, create] of kinds) {
    const found = pattern.exec(kind)
    if (found === null) continue
    const quirk = create(...found.slice(1))
    return models === undefined || models === '' ? quirk : forModels(models.split(','), quirk)
  }
  return undefined
}

/** JSON where it is some, else the text itself. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function readPairs(text: string): Record<string, string> {
  return Object.fromEntries(text.split(',').map((pair) => pair.split('>', 2)))
}
