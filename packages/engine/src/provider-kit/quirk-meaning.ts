import type { Quirk } from './quirk.ts'

/** What a quirk is about, for people, in a sentence. Apart from the quirks, which applications load and need no words for. */
export function quirkMeaning({ name }: Quirk): string {
  const [kind = ''] = name.split('@', 1)
  for (const [pattern, say] of meanings) {
    const found = pattern.exec(kind)
    if (found !== null) return say(...found.slice(1))
  }
  throw new Error(`Nobody wrote down what the quirk ${name} means.`)
}

/** By the patterns of their names. */
const meanings: readonly (readonly [RegExp, (...groups: readonly string[]) => string])[] = [
  [/^rename:(\w+)=(\w+)$/, (from, to) => `\`${from}\` is called \`${to}\`.`],
  [/^drop:(.+)$/, (members = '') => `${list(members)} left out, with a warning.`],
  [/^omit:(.+)$/, (members = '') => `${list(members)} left out: what it says is so anyway, or said elsewhere.`],
  [/^set:(\w+)=(.+)$/, (member, json) => `\`${member}\` is always \`${json}\`.`],
  [/^replace:(\w+)=(.+)$/, (member, pairs = '') => `\`${member}\`: ${words(pairs)}.`],
  [
    /^clamp:(\w+)=(.+)\.\.(.+)$/,
    (member, low, high) => `\`${member}\` is brought into ${low} to ${high}, with a warning.`,
  ],
  [
    /^only:(\w+)=(.+)$/,
    (member, json) => `Only ${json} is taken for \`${member}\`; anything else is left out, with a warning.`,
  ],
  [/^message-drop:(\w+)$/, (member) => `\`${member}\` of messages is left out, with a warning.`],
  [/^tool-ids:(\d+)$/, (length) => `Ids of tool calls have exactly ${length} letters and digits; others are replaced.`],
  [
    /^keep-reasoning:(\w+)$/,
    (member) =>
      `The reasoning of turns with tool calls is sent back as \`${member}\`, also of other dialects' callers.`,
  ],
  [
    /^drop-where:(.+)!=(\w+):(.+)$/,
    (path, unless, members = '') =>
      `Where \`${path}\` is given and not \`${unless}\`, ${quoted(members)} left out, with a warning.`,
  ],
  [/^drop-value:(\w+)=(.+)$/, (member, value) => `\`${member}\` is left out where it is \`${value}\`, with a warning.`],
  [/^thinking-off$/, () => '`reasoning_effort: none` is `thinking: {type: disabled}`.'],
  [
    /^json-schema-as-text$/,
    () =>
      '`response_format` with a JSON Schema is a JSON object, whose schema is told in a system message, with a warning.',
  ],
  [/^auto-tool-choice$/, () => "Anthropic's `tool_choice` cannot force a call: it is `auto` instead, with a warning."],
  [/^text-content$/, () => 'Contents are one text: text parts are joined, others left out with a warning.'],
  [/^system-role$/, () => 'The role `developer` is called `system`.'],
]

function list(members: string): string {
  return `${quoted(members)} ${members.includes(',') ? 'are' : 'is'}`
}

function quoted(members: string): string {
  return members.replaceAll(/[^,]+/g, '`$&`').replaceAll(',', ', ')
}

function words(pairs: string): string {
  return pairs.replaceAll(/([^,>]+)>([^,>]+)/g, '`$1` is `$2`').replaceAll(',', ', ')
}
