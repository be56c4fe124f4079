import { Option } from 'commander'

/** An option that says something of what is made or changed. */
export interface Setting {
  /** As the admin API names it. */
  readonly member: string
  readonly flags: string
  readonly description: string
  /** Absent for a switch. */
  readonly read?: (text: string, option: string) => unknown
  /** It cannot be without. */
  readonly required?: true
}

/** What takes a setting away. Commander gives no `null` on. */
const none = 'none'

/** Of what is changed, a setting may be taken away. */
export function settingOption({ flags, description, read, required }: Setting, purpose: 'new' | 'change'): Option {
  const removable = purpose === 'change' && read !== undefined && required === undefined
  const option = new Option(flags, removable ? `${description}; ${none} takes it away` : description)
  if (read !== undefined)
    option.argParser((text) => (removable && text === none ? none : read(text, option.long ?? flags)))
  return option.makeOptionMandatory(purpose === 'new' && required === true)
}

/** By their members; `null` for one that is taken away. */
export function settingsGiven(
  settings: readonly Setting[],
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const all = settings.map(({ flags, member }) => [member, options[new Option(flags).attributeName()]] as const)
  const given = all.filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([member, value]) => [member, value === none ? null : value]))
}

/** For text that the admin API judges. */
export function asItIs(text: string): string {
  return text
}
