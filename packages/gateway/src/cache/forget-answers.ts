import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SelectQueryBuilder } from 'kysely'
import type { Database } from '../stores/database.ts'
import type { Tables } from '../stores/tables.ts'
import type { AnswerFilter } from './answer-store.ts'

type Answers = SelectQueryBuilder<Tables, 'kept_answers', { readonly key: string }>

/** Answers that go at once: on SQLite all else of the process waits for them. */
const some = 50

/** Those that fit, some at a time, with the questions that led to them. @returns how many there were. */
export async function forgetAnswers(database: Database, which: AnswerFilter): Promise<number> {
  let count = 0
  for (let after = ''; ;) {
    const found = await narrow(database.selectFrom('kept_answers').select('key'), which)
      .where('key', '>', after)
      .orderBy('key')
      .limit(some)
      .execute()
    const keys = found.map(({ key }) => key)
    count += await remove(database, keys)
    if (keys.length < some) return count
    after = keys.at(-1)!
    await nextTurn()
  }
}

/** Those that were kept then or before, with their questions, some at a time. */
export async function forgetOld(database: Database, keptAt: number): Promise<void> {
  while ((await forgetOldest(database, keptAt)) !== undefined) await nextTurn()
  for (;;) {
    const last = await database
      .selectFrom('kept_questions')
      .select('kept_at')
      .where('kept_at', '<=', keptAt)
      .orderBy('kept_at')
      .offset(some - 1)
      .limit(1)
      .executeTakeFirst()
    await database
      .deleteFrom('kept_questions')
      .where('kept_at', '<=', last?.kept_at ?? keptAt)
      .execute()
    if (last === undefined) return
    await nextTurn()
  }
}

/**
 * Some of those that were kept longest ago, and then or before.
 *
 * @param enough bytes after which no more need to go.
 * @returns the bytes that they counted for; `undefined` where there were none.
 */
export async function forgetOldest(
  database: Database,
  keptAt: number,
  enough: number = Infinity,
): Promise<number | undefined> {
  const found = await database
    .selectFrom('kept_answers')
    .select(['key', 'bytes'])
    .where('kept_at', '<=', keptAt)
    .orderBy('kept_at')
    .limit(some)
    .execute()
  if (found.length === 0) return undefined
  const keys: string[] = []
  let sum = 0
  for (const { key, bytes } of found) {
    if (sum >= enough) break
    keys.push(key)
    sum += bytes
  }
  await remove(database, keys)
  return sum
}

async function remove(database: Database, keys: readonly string[]): Promise<number> {
  if (keys.length === 0) return 0
  await database.deleteFrom('kept_questions').where('answer_key', 'in', keys).execute()
  const { numDeletedRows } = await database.deleteFrom('kept_answers').where('key', 'in', keys).executeTakeFirst()
  return Number(numDeletedRows)
}

function narrow(answers: Answers, { provider, model, organisation, workspace, key }: AnswerFilter): Answers {
  return answers
    .$if(provider !== undefined, (query) => query.where('provider', '=', provider!))
    .$if(model !== undefined, (query) =>
      query.where(({ eb, or, ref }) =>
        or([eb('model', '=', model!), eb(eb(eb(ref('provider'), '||', eb.val('/')), '||', ref('model')), '=', model!)]),
      ),
    )
    .$if(organisation !== undefined, (query) => query.where('organisation', '=', organisation!))
    .$if(workspace !== undefined, (query) => query.where('workspace', '=', workspace!))
    .$if(key !== undefined, (query) => query.where('asker', '=', key!))
}
