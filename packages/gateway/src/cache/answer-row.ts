import type { KeptAnswerRow } from '../stores/cache-tables.ts'
import { type KeptAnswer, sizeOf } from './kept-answer.ts'

/** What is read of a row to give its answer again. */
export type ReadAnswerRow = Pick<KeptAnswerRow, 'kept_at' | 'about' | 'content'>

/** All but its bytes, and the lengths of its pieces. */
type About = Omit<KeptAnswer, 'pieces' | 'keptAt'> & { readonly pieces: readonly number[] }

export function toAnswerRow(key: string, answer: KeptAnswer): KeptAnswerRow {
  const { pieces, keptAt, ...rest } = answer
  const { provider, model, asker } = rest
  const about: About = { ...rest, pieces: pieces.map(({ length }) => length) }
  return {
    key,
    kept_at: keptAt,
    bytes: sizeOf(answer),
    provider,
    model,
    asker: asker.key,
    workspace: asker.workspace ?? null,
    organisation: asker.organisation ?? null,
    about: JSON.stringify(about),
    content: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces),
  }
}

export function fromAnswerRow({ kept_at: keptAt, about, content }: ReadAnswerRow): KeptAnswer {
  const { pieces, ...rest } = JSON.parse(about) as About
  let end = 0
  return { ...rest, pieces: pieces.map((length) => content.subarray(end, (end += length))), keptAt }
}
