/** A JSON object as it came from the wire: any member may be missing or of any type. */
export type WireObject = Readonly<Record<string, unknown>>

export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

export function isRecord(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const isString = (value: unknown): value is string => typeof value === 'string'
export const isNumber = (value: unknown): value is number => typeof value === 'number'
export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
export const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value)

/** Takes members out of a wire object. What nobody takes, or has an unexpected type, is left to be kept as it is. */
export class WireFields {
  readonly wire: WireObject
  readonly #taken = new Set<string>()

  constructor(wire: WireObject) {
    this.wire = wire
  }

  /** `undefined` when the member is absent or not of the type; then it stays in the rest. */
  take<T>(name: string, isType: (value: unknown) => value is T): T | undefined {
    const value = this.wire[name]
    if (value === undefined || !isType(value)) return undefined
    this.#taken.add(name)
    return value
  }

  skip(name: string): void {
    this.#taken.add(name)
  }

  /** Takes the member when it has exactly this value. */
  takeExact(name: string, expected: string): boolean {
    if (this.wire[name] !== expected) return false
    this.#taken.add(name)
    return true
  }

  /** What was not taken; `undefined` when nothing is left. */
  rest(): WireObject | undefined {
    const left = Object.entries(this.wire).filter(([name]) => !this.#taken.has(name))
    return left.length === 0 ? undefined : Object.fromEntries(left)
  }
}

/** Those of a wire object's members that have one of the names. */
export function pickMembers(wire: unknown, names: readonly string[]): WireObject {
  if (!isRecord(wire)) return {}
  return Object.fromEntries(Object.entries(wire).filter(([name]) => names.includes(name)))
}

/** The kept members of an object inside the kept members. */
export function inner(members: WireObject | undefined, name: string): WireObject | undefined {
  const value = members?.[name]
  return isRecord(value) ? value : undefined
}

/** Kept members of an object and of the object inside it, as one. */
export function nest(
  outer: WireObject | undefined,
  name: string,
  nested: WireObject | undefined,
): WireObject | undefined {
  return nested === undefined ? outer : { ...outer, [name]: nested }
}
