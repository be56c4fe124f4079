import { scanObject } from '@sluice/protocol'
import type { Quirk } from '../provider-kit/quirk.ts'
import { type ApplicableQuirks, applicableQuirks } from './applicable-quirks.ts'

/** What a target's quirks do to its requests. */
export interface TargetQuirks extends Pick<ApplicableQuirks, 'removes' | 'reasoningMember' | 'apply'> {
  /** Whether a request of the provider's own dialect may have something for them to change. Cheap; in doubt `true`. */
  matter(body: Uint8Array): boolean
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Those of the quirks that concern a model in a dialect; `undefined` where none does, so that nothing is spent on them. */
export function quirksFor(
  quirks: readonly Quirk[] | undefined,
  dialect: string,
  model: string,
): TargetQuirks | undefined {
  const applicable = applicableQuirks(quirks, dialect, model)
  if (applicable === undefined) return undefined
  const { own, removes, reasoningMember, apply } = applicable
  const members = [...new Set(own.flatMap((quirk) => quirk.members))]
  const keys = members.map((member) => encoder.encode(member))
  const always = own.some((quirk) => quirk.members.length === 0)
  return {
    reasoningMember,
    removes,
    matter(body) {
      if (always || own.length === 0) return always
      const { spans, plain } = scanObject(body, keys)
      if (!plain) return true
      const there = own.filter((quirk) => quirk.members.some((member) => spans[members.indexOf(member)] !== undefined))
      if (there.length === 0 || there.some(({ inside }) => inside === undefined)) return there.length > 0
      const text = decoder.decode(body)
      // What is written with escapes is not found by its text.
      return text.includes('\\u00') || there.some(({ inside }) => text.includes(inside!))
    },
    apply,
  }
}
