import type { ReasoningMember, Warning } from '@sluice/protocol'

/** An object of JSON whose members are not known. */
export type JsonObject = Readonly<Record<string, unknown>>

/** One way in which a provider's requests differ from what the dialect says. */
export interface Quirk {
  /** As a config file writes it: `drop:seed,logit_bias`. */
  readonly name: string
  /** Of whose requests it is. */
  readonly dialect: string
  /** Members of the request of which one must be there for it to matter; none means that it always does. */
  readonly members: readonly string[]
  /** A text that must be somewhere in the request's JSON, besides, for it to matter. */
  readonly inside?: string
  /** Members that are never sent. */
  readonly removes?: readonly string[]
  /** The member in which the reasoning of turns with calls is sent back. Only for requests that are translated: others have it. */
  readonly reasoningMember?: ReasoningMember
  /** Name patterns of the models that have it. Default: all. */
  readonly models?: readonly string[]
  /** The request as the provider takes it: a new object, or `request` itself. Nothing in `request` is changed. */
  apply(request: JsonObject, warn: (warning: Warning) => void): JsonObject
}

/** The same quirk, of certain models only. */
/* @__NO_SIDE_EFFECTS__ */
export function forModels(models: readonly string[], quirk: Quirk): Quirk {
  return Object.freeze({ ...quirk, name: `${quirk.name}@${models.join(',')}`, models })
}

/** The same quirk, of another dialect than `openai-chat`. */
/* @__NO_SIDE_EFFECTS__ */
export function inDialect(dialect: string, quirk: Quirk): Quirk {
  return Object.freeze({ ...quirk, dialect })
}

/** Another name for a member. A member that has the other name already wins. */
/* @__NO_SIDE_EFFECTS__ */
export function rename(from: string, to: string): Quirk {
  return quirk(`rename:${from}=${to}`, [from], (request) => {
    const renamed = without(request, [from])
    return Object.hasOwn(request, to) ? renamed : { ...renamed, [to]: request[from] }
  })
}

/** Members that are not taken: left out, with a warning where they said something. */
/* @__NO_SIDE_EFFECTS__ */
export function drop(...members: readonly string[]): Quirk {
  const apply: Quirk['apply'] = (request, warn) => {
    for (const path of members) {
      if (Object.hasOwn(request, path) && request[path] !== null) {
        warn({ code: 'field-dropped', path, message: `The provider does not take \`${path}\`; it was left out.` })
      }
    }
    return without(request, members)
  }
  return {
    ...quirk(`drop:${members.join(',')}`, members, apply),
    removes: members,
  }
}

/** Members that are not taken because what they say is so anyway, or is said elsewhere: left out without a word. */
/* @__NO_SIDE_EFFECTS__ */
export function omit(...members: readonly string[]): Quirk {
  return {
    ...quirk(`omit:${members.join(',')}`, members, (request) => without(request, members)),
    removes: members,
  }
}

/** A member that every request has. */
/* @__NO_SIDE_EFFECTS__ */
export function set(member: string, value: unknown): Quirk {
  const json = JSON.stringify(value)
  return quirk(`set:${member}=${json}`, [], (request) => ({
    ...request,
    [member]: value,
  }))
}

/** Other words for the same values. */
/* @__NO_SIDE_EFFECTS__ */
export function replace(member: string, values: Readonly<Record<string, string>>): Quirk {
  const pairs = Object.entries(values)
  const name = `replace:${member}=${pairs.map((pair) => pair.join('>')).join(',')}`
  return quirk(name, [member], (request) => {
    const value = request[member]
    return typeof value === 'string' && Object.hasOwn(values, value) ? { ...request, [member]: values[value] } : request
  })
}

/** A narrower range of numbers. */
/* @__NO_SIDE_EFFECTS__ */
export function clamp(member: string, minimum: number, maximum: number): Quirk {
  return quirk(`clamp:${member}=${minimum}..${maximum}`, [member], (request, warn) => {
    const value = numberOf(request[member])
    if (value === undefined || (value >= minimum && value <= maximum)) return request
    const nearest = value < minimum ? minimum : maximum
    warn({
      code: 'value-changed',
      path: member,
      message: `The provider takes \`${member}\` from ${minimum} to ${maximum}; it became ${nearest}.`,
    })
    return { ...request, [member]: nearest }
  })
}

/** A member of which one value is taken. */
/* @__NO_SIDE_EFFECTS__ */
export function only(member: string, value: string | number | boolean): Quirk {
  const json = JSON.stringify(value)
  return quirk(`only:${member}=${json}`, [member], (request, warn) => {
    const given = request[member]
    if (given === value || numberOf(given) === value) return request
    if (given !== null) {
      warn({
        code: 'value-changed',
        path: member,
        message: `The provider takes only ${json} for \`${member}\`; it was left out.`,
      })
    }
    return without(request, [member])
  })
}

/* @__NO_SIDE_EFFECTS__ */
export function quirk(name: string, members: readonly string[], apply: Quirk['apply'], inside?: string): Quirk {
  return { name, dialect: 'openai-chat', members, apply, ...(inside !== undefined && { inside }) }
}

export function without(request: JsonObject, members: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(request).filter(([key]) => !members.includes(key)))
}

/** Of a number, also of one that is kept as it was written. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  const raw = typeof value === 'object' && value !== null && 'rawJSON' in value ? value.rawJSON : undefined
  return typeof raw === 'string' ? Number(raw) : undefined
}
