import type { Answer, CacheConfig, CacheShare, Exchange, PromptBook, Route } from 'sluice'
import type { Principal } from '../pipeline/principal.ts'
import type { Call } from '../server/call.ts'
import { createAnswerCache, type CacheOutcome } from './answer-cache.ts'
import type { AnswerStore } from './answer-store.ts'
import { readCacheControl } from './cache-control.ts'
import type { FindAlike } from './semantic/alike.ts'
import { readQuestion } from './semantic/question.ts'
import type { Asker } from './kept-answer.ts'

export interface CacheStageRequest {
  readonly call: Call
  readonly exchange: Exchange
  readonly route: Route
  readonly principal: Principal
  /** The answer has a state of its own caller's. */
  readonly stateful: boolean
  readonly ask: () => Promise<Answer>
}

/** Gives a kept answer or asks for one; `x-sluice-cache` in the answer's head says which. */
export type CacheStage = (request: CacheStageRequest) => Promise<Answer>

export interface CacheStageParts {
  readonly config: CacheConfig
  readonly store: AnswerStore
  /** What requests may name in place of a model. */
  readonly prompts: PromptBook | undefined
  /** Absent where only answers to the very same are given. */
  readonly findAlike: FindAlike | undefined
  readonly now: () => number
  readonly count: (outcome: CacheOutcome) => void
}

export function createCacheStage({ config, store, prompts, findAlike, now, count }: CacheStageParts): CacheStage {
  const { share, byDefault, maxEntryBytes, semantic } = config
  const usual = { byDefault, semantic: semantic !== undefined }
  const cached = createAnswerCache({ store, maxEntryBytes, now })

  return async function answerFor({ call, exchange, route, principal, stateful, ask }) {
    const control = readCacheControl(call.request.headers, usual)
    // What others' requests left behind is no state of this caller's.
    if (stateful && share !== 'key') return ask()
    const prompt = prompts?.named(exchange.peek.model)
    // One that is written otherwise is another question.
    const written = prompt === undefined ? '' : ` ${JSON.stringify(prompt)}`
    const scope = scopeOf(principal, share) + written
    const alike =
      findAlike !== undefined && semantic !== undefined && !stateful && (control.alike ?? semantic.byDefault)
        ? findAlike({
            question: () => readQuestion(exchange, semantic.maxTemperature),
            scope: scopeOf(principal, semantic.share ?? share) + written,
            route: route.name,
            principal,
            requestId: exchange.id,
          })
        : undefined
    const asker = askerOf(principal)
    const { answer, outcome, age, similarity } = await cached({ exchange, route, scope, asker, control, alike, ask })
    count(outcome)
    ;(call.headers ??= []).push('x-sluice-cache', similarity === undefined ? outcome : describe(outcome, similarity))
    if (age !== undefined) call.headers.push('age', String(age))
    return answer
  }
}

/** Rounded down: what is not the same is never said to be. */
function describe(outcome: CacheOutcome, similarity: number): string {
  return `${outcome}; similarity=${(Math.floor(similarity * 100) / 100).toFixed(2)}`
}

function askerOf({ id, workspace, organisation }: Principal): Asker {
  return {
    key: id,
    ...(workspace !== undefined && { workspace: workspace.id }),
    ...(organisation !== undefined && { organisation }),
  }
}

/** What providers of a site's own answer is for that site alone: by the same names others ask others. */
function scopeOf(principal: Principal, share: CacheShare): string {
  const { workspace } = principal
  const shared = sharedWith(principal, share)
  return workspace?.settings === undefined ? shared : `${shared} site ${workspace.id}`
}

/** Who belongs to no workspace or organisation shares with nobody. */
function sharedWith({ owner, workspace, organisation }: Principal, share: CacheShare): string {
  switch (share) {
    case 'all':
      return 'all'
    case 'organisation':
      return organisation === undefined ? `key ${owner}` : `organisation ${organisation}`
    case 'workspace':
      return workspace === undefined ? `key ${owner}` : `workspace ${workspace.id}`
    case 'key':
      return `key ${owner}`
  }
}
