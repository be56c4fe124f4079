import * as z from 'zod/mini'
import { idPattern } from '../access/create-id.ts'
import type { Page } from '../stores/page.ts'

/** What the resources of the admin API have in common. */

export const name: z.ZodMiniType<string> = z
  .string()
  .check(z.minLength(1), z.maxLength(100), z.regex(/^\P{Cc}*$/u, 'expected no control characters'))
export const id: z.ZodMiniType<string> = z.string().check(z.regex(/^[\w-]{1,64}$/, 'expected an id'))
export type Metadata = Record<string, string>
export const metadata: z.ZodMiniType<Metadata> = z
  .record(z.string().check(z.minLength(1), z.maxLength(64)), z.string().check(z.maxLength(512)))
  .check(z.refine((record) => Object.keys(record).length <= 32, 'expected at most 32 members'))
const timeForms = 'expected a time such as 2026-11-21T10:00:00Z, or a date such as 2026-11-21 (its beginning in UTC)'
/** `2026-11-21T10:00:00Z` or `2026-11-21`, as `Date.parse` reads them. */
export const time: z.ZodMiniType<string> = z.union([
  z.iso.datetime({ offset: true, error: timeForms }),
  z.iso.date(timeForms),
])

export interface PageQuery {
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

/** Of a list: what its `next` is like. */
export function cursor(pattern: RegExp): z.ZodMiniOptional<z.ZodMiniType<string>> {
  return z.optional(z.string().check(z.regex(pattern, 'expected what `next` was')))
}

const pageLimit = z.optional(
  z.pipe(
    z.pipe(z.string().check(z.regex(/^\d{1,3}$/, 'expected a whole number from 1 to 100')), z.transform(Number)),
    z.number().check(z.minimum(1), z.maximum(100)),
  ),
)

/**
 * What a list of rows takes, to be laid into its own query.
 *
 * @param kinds prefixes of the ids that are listed, or `config` for rules of the file.
 */
export function pageQuery(...kinds: readonly string[]): {
  readonly after: z.ZodMiniOptional<z.ZodMiniType<string>>
  readonly limit: z.ZodMiniOptional<z.ZodMiniType<number>>
} {
  const ids = kinds.map((kind) => (kind === 'config' ? String.raw`config-\d{1,9}` : idPattern(kind)))
  return { after: cursor(new RegExp(`^(?:${ids.join('|')})$`)), limit: pageLimit }
}

/** Of a page: `next` is what `after` is given to get the one that follows. */
export function pageOf(item: z.ZodMiniType): z.ZodMiniType {
  return z.object({
    object: z.literal('list'),
    data: z.array(item),
    has_more: z.boolean(),
    next: z.nullable(z.string()),
  })
}

export function readPage({ after, limit }: PageQuery): { readonly after: string | undefined; readonly limit: number } {
  return { after, limit: limit ?? 20 }
}

export function listOf<Row extends { readonly id: string }>(
  { rows, more }: Page<Row>,
  describe: (row: Row) => unknown,
): object {
  return {
    object: 'list',
    data: rows.map((row) => describe(row)),
    has_more: more,
    next: more ? (rows.at(-1)?.id ?? null) : null,
  }
}

export const removed: z.ZodMiniType = z.object({ id: z.string(), deleted: z.literal(true) })

/** From Unix milliseconds. */
export function timeOf(value: number): string {
  return new Date(value).toISOString()
}

/** Unix milliseconds. */
export function momentOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text)
}

export function optionalTimeOf(value: number | null): string | null {
  return value === null ? null : timeOf(value)
}
