import type { Extensions } from '../../ir/extensions.ts'
import type { WireObject } from '../../json/wire-object.ts'

export const dialectId = 'openai-completions'

/** How a request or an answer was written where the wire has several ways, and members that say the default. */
export const formId = 'openai-completions/form'

/** What only this dialect knows, apart from what it has in common with `openai-chat`. */
export function splitExtensions(extensions: Extensions | undefined): {
  readonly own: WireObject | undefined
  readonly form: WireObject | undefined
  readonly others: { readonly extensions?: Extensions }
} {
  const { [dialectId]: own, [formId]: form, ...others } = extensions ?? {}
  return { own, form, others: Object.keys(others).length === 0 ? {} : { extensions: others } }
}
