import { type CodecContext, type ReasoningMember, scanObject } from '@sluice/protocol'
import { fitsPatterns } from '../models/name-pattern.ts'
import type { JsonObject, Quirk } from '../provider-kit/quirk.ts'
import { parseLossless } from './lossless-json.ts'

/** What a target's quirks do to its requests. */
export interface TargetQuirks {
  /** Members that the provider does not take. */
  readonly removes: ReadonlySet<string>
  /** Where the provider wants reasoning back in requests that are translated. */
  readonly reasoningMember: ReasoningMember | undefined
  /** Whether a request of the provider's own dialect may have something for them to change. Cheap; in doubt `true`. */
  matter(body: Uint8Array): boolean
  /** Changes such a request. Numbers that nothing concerns stay as they are written. */
  rewrite(body: Uint8Array, context: CodecContext): Uint8Array
  /** Changes a request that was translated; `wire` itself is left as it is. */
  apply(wire: unknown, context: CodecContext): unknown
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Those of the quirks that concern a model in a dialect; `undefined` where none does, so that nothing is spent on them. */
export function quirksFor(
  quirks: readonly Quirk[] | undefined,
  dialect: string,
  model: string,
): TargetQuirks | undefined {
  const all = quirks?.filter(
    (quirk) => quirk.dialect === dialect && (quirk.models === undefined || fitsPatterns(model, quirk.models)),
  )
  if (all === undefined || all.length === 0) return undefined
  const reasoningMember = all.find((quirk) => quirk.reasoningMember !== undefined)?.reasoningMember
  const own = all.filter((quirk) => quirk.reasoningMember === undefined)
  const members = [...new Set(own.flatMap((quirk) => quirk.members))]
  const keys = members.map((member) => encoder.encode(member))
  const always = own.some((quirk) => quirk.members.length === 0)

  function apply(wire: unknown, context: CodecContext): unknown {
    const warn = context.warn.bind(context)
    return own.reduce((request, quirk) => {
      const concerned = quirk.members.length === 0 || quirk.members.some((member) => Object.hasOwn(request, member))
      return concerned ? quirk.apply(request, warn) : request
    }, wire as JsonObject)
  }

  return {
    reasoningMember,
    removes: new Set(own.flatMap((quirk) => quirk.removes ?? [])),
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
    rewrite: (body, context) => encoder.encode(JSON.stringify(apply(parseLossless(decoder.decode(body)), context))),
    apply,
  }
}
