import * as z from 'zod/mini'

/** Every key of `T` and no other, each with a schema of its type: keeps schema and types the same. */
export type Shape<T> = { [Key in keyof T]-?: z.ZodMiniType<T[Key]> }

// Environment variables are text, so a number or a boolean that came from one is read from its text.
const number = (inner: z.ZodMiniType<number>): z.ZodMiniType<number> => z.pipe(z.transform(readNumber), inner)
export const boolean: z.ZodMiniType<boolean> = z.pipe(z.transform(readBoolean), z.boolean())
export const integer = (minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): z.ZodMiniType<number> =>
  number(z.int().check(z.minimum(minimum), z.maximum(maximum)))
export const decimal = (minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): z.ZodMiniType<number> =>
  number(z.number().check(z.minimum(minimum), z.maximum(maximum)))
/** Processes of one gateway on one machine. */
export const mostWorkers = 256
export const seconds: z.ZodMiniType<number> = decimal(0, 86_400)
export const dollars: z.ZodMiniType<number> = decimal(0, 1_000_000)
export const text: z.ZodMiniString = z.string().check(z.minLength(1))

/** The number that a text says; anything else as it is, for the schema to refuse. */
export function readNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value
}

const booleanWords: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
}

/** The boolean that a text says (`true`, `yes`, `on`, `1` and their opposites); anything else as it is. */
export function readBoolean(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const word = value.trim().toLowerCase()
  return Object.hasOwn(booleanWords, word) ? booleanWords[word] : value
}
