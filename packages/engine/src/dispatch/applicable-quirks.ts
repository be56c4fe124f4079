import type { CodecContext, ReasoningMember } from '@sluice/protocol'
import { fitsPatterns } from '../models/name-pattern.ts'
import type { JsonObject, Quirk } from '../provider-kit/quirk.ts'

/** Those of a provider's quirks that concern a model in a dialect. */
export interface ApplicableQuirks {
  /** Those that change requests. */
  readonly own: readonly Quirk[]
  /** Members that the provider does not take. */
  readonly removes: ReadonlySet<string>
  /** Where the provider wants reasoning back in requests that are translated. */
  readonly reasoningMember: ReasoningMember | undefined
  /** Changes a request's JSON; `wire` itself is left as it is. */
  apply(wire: unknown, context: CodecContext): unknown
}

/** `undefined` where none does, so that nothing is spent on them. */
export function applicableQuirks(
  quirks: readonly Quirk[] | undefined,
  dialect: string,
  model: string,
): ApplicableQuirks | undefined {
  const all = quirks?.filter(
    (quirk) => quirk.dialect === dialect && (quirk.models === undefined || fitsPatterns(model, quirk.models)),
  )
  if (all === undefined || all.length === 0) return undefined
  const own = all.filter((quirk) => quirk.reasoningMember === undefined)
  return {
    own,
    removes: new Set(own.flatMap((quirk) => quirk.removes ?? [])),
    reasoningMember: all.find((quirk) => quirk.reasoningMember !== undefined)?.reasoningMember,
    apply(wire, context) {
      const warn = context.warn.bind(context)
      return own.reduce((request, quirk) => {
        const concerned = quirk.members.length === 0 || quirk.members.some((member) => Object.hasOwn(request, member))
        return concerned ? quirk.apply(request, warn) : request
      }, wire as JsonObject)
    },
  }
}
