import { SluiceError } from '@sluice/protocol'
import type { Answer, Exchange, Route, Target } from 'sluice'
import { answerKey } from './answer-key.ts'
import type { AnswerStore } from './answer-store.ts'
import type { CacheControl } from './cache-control.ts'
import { Flight } from './flight.ts'
import { type Asker, type KeptAnswer, sizeOf } from './kept-answer.ts'
import { ReplayedAnswer } from './replayed-answer.ts'
import type { Alike } from './semantic/alike.ts'

/** How the cache took part: `shared` is an answer that another was waiting for already, `semantic` one to a question like this. */
export type CacheOutcome = 'hit' | 'semantic' | 'miss' | 'shared' | 'off'

export interface CacheRequest {
  readonly exchange: Exchange
  readonly route: Route
  /** Whose answers will do: of requests of another scope nothing is seen. */
  readonly scope: string
  readonly asker: Asker
  readonly control: CacheControl
  /** Absent where only an answer to the very same will do. */
  readonly alike?: Alike | undefined
  /** Asks a provider. */
  readonly ask: () => Promise<Answer>
}

export interface CacheAnswer {
  readonly answer: Answer
  readonly outcome: CacheOutcome
  /** Seconds since it was kept, of a hit. */
  readonly age?: number
  /** Of the questions, where the outcome is `semantic`. */
  readonly similarity?: number
}

/**
 * Gives an answer that was given before, or that is on its way to somebody who asked the same, else asks.
 * Rejects with a `SluiceError`: `cache_miss` where nobody was to be asked, and what `ask` rejects with.
 */
export type AnswerCache = (request: CacheRequest) => Promise<CacheAnswer>

export interface AnswerCacheOptions {
  readonly store: AnswerStore
  /** Bytes; a longer answer is not kept. */
  readonly maxEntryBytes: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function createAnswerCache({ store, maxEntryBytes, now }: AnswerCacheOptions): AnswerCache {
  /** What is asked for at the moment. */
  const departures = new Map<string, Promise<Flight | KeptAnswer>>()

  /** `undefined` when there is none that will do. */
  async function recall(key: string, request: CacheRequest): Promise<CacheAnswer | undefined> {
    const kept = await store.get(key)
    return kept && give(kept, request)
  }

  function give(kept: KeptAnswer, request: CacheRequest): CacheAnswer | undefined {
    const age = now() - kept.keptAt
    const answer = age <= request.control.maxAge ? replay(kept, request) : undefined
    return answer && { answer, outcome: 'hit', age: Math.floor(age / 1000) }
  }

  /** An answer to a question like this one. */
  async function recallAlike(alike: Alike, request: CacheRequest): Promise<CacheAnswer | undefined> {
    for (const { key, similarity } of await whilePresent(request.exchange, alike.find())) {
      const kept = await store.get(key)
      if (kept === undefined) alike.drop(key)
      const given = kept && give(kept, request)
      if (given !== undefined) return { ...given, outcome: 'semantic', similarity }
    }
    return undefined
  }

  async function keep(key: string, kept: KeptAnswer, alike: Alike | undefined): Promise<void> {
    await store.set(key, kept)
    void alike?.keep(key)
  }

  /** Waits with others who asked the same, or asks for them too. */
  async function obtain(key: string, request: CacheRequest): Promise<CacheAnswer> {
    const { exchange, control, ask } = request
    for (;;) {
      const departure = control.read ? departures.get(key) : undefined
      // Nothing may come between this look and the departure, or two would ask.
      if (departure === undefined)
        return { answer: await (control.write ? depart(key, request) : ask()), outcome: 'miss' }
      let found: Flight | KeptAnswer
      try {
        found = await whilePresent(exchange, departure)
      } catch (error) {
        // That who asked first went away is nothing to the others: one of them asks again.
        if (!exchange.aborted && error instanceof SluiceError && error.code === 'client_closed_request') continue
        throw error
      }
      const answer = found instanceof Flight ? board(found, request) : replay(found, request)
      return answer === undefined ? { answer: await ask(), outcome: 'miss' } : { answer, outcome: 'shared' }
    }
  }

  /** Asks, and lets others have the answer too. */
  async function depart(key: string, { exchange, asker, alike, ask }: CacheRequest): Promise<Answer> {
    const asked = ask()
    const close = (): void => {
      if (departures.get(key) === departure) departures.delete(key)
    }
    const departure = asked.then(
      (answer) => {
        if (answer.whole !== undefined) return keptAnswer(answer, [answer.whole], exchange, asker, now())
        return new Flight(answer, {
          limit: maxEntryBytes,
          warnings: exchange.warnings,
          landed: (pieces) => void keep(key, keptAnswer(answer, pieces, exchange, asker, now()), alike),
          closed: close,
        })
      },
      (error: unknown) => {
        close()
        throw error
      },
    )
    departures.set(key, departure)
    const found = await departure
    if (found instanceof Flight) return found.join() ?? found.answer
    if (sizeOf(found) <= maxEntryBytes) await keep(key, found, alike)
    close()
    return asked
  }

  return async function answer(request) {
    const { exchange, control, alike, ask } = request
    if (control.onlyIfCached && !control.read) throw nothingKept()
    if (!control.read && !control.write) return { answer: await ask(), outcome: 'off' }
    const key = keyOf(request)
    // Whoever answers says what is wrong with it.
    if (key === undefined) return { answer: await ask(), outcome: 'off' }
    if (control.read) {
      const recalled = await recall(key, request)
      if (recalled !== undefined) return recalled
      // What is on its way to another comes as soon as a likeness is found out.
      const similar = alike === undefined || departures.has(key) ? undefined : await recallAlike(alike, request)
      if (similar !== undefined) return similar
      if (control.onlyIfCached) throw nothingKept()
      if (exchange.aborted) throw callerGone()
    }
    return obtain(key, request)
  }
}

/** `undefined` where the caller may not have answers from there, or it is too late to hear all of it. */
function board(flight: Flight, { exchange }: CacheRequest): Answer | undefined {
  if (!mayHave(exchange, flight.answer.target)) return undefined
  for (const warning of flight.warnings) exchange.warn(warning)
  return flight.join()
}

/** `undefined` for a body that is not JSON. */
function keyOf({ exchange, route, scope }: CacheRequest): string | undefined {
  try {
    return answerKey(exchange, route.name, scope)
  } catch {
    return undefined
  }
}

function keptAnswer(
  answer: Answer,
  pieces: readonly Uint8Array[],
  exchange: Exchange,
  asker: Asker,
  keptAt: number,
): KeptAnswer {
  const { target, stream, headers, tap } = answer
  const type = headers['content-type']
  return {
    asker,
    provider: target.provider.id,
    model: target.model,
    headers: type === undefined ? {} : { 'content-type': type },
    stream,
    finishReason: tap.finishReason(),
    warnings: [...exchange.warnings],
    pieces,
    keptAt,
  }
}

/** `undefined` where config or the caller's rights have changed since, so that nobody would be asked there now. */
function replay(kept: KeptAnswer, { route, exchange }: CacheRequest): Answer | undefined {
  const target = findTarget(route, kept)
  if (target === undefined || !mayHave(exchange, target)) return undefined
  for (const warning of kept.warnings) exchange.warn(warning)
  return new ReplayedAnswer(kept, target)
}

function mayHave({ refuses, forbids }: Exchange, target: Target): boolean {
  return refuses?.(target) === undefined && forbids?.(target) === undefined
}

function findTarget(route: Route, kept: KeptAnswer): Target | undefined {
  const fits = (target: Target | undefined): boolean =>
    target !== undefined && target.provider.id === kept.provider && target.model === kept.model
  if (fits(route.only)) return route.only
  for (const { target, route: below } of route.candidates) {
    if (fits(target)) return target
    const found = below && findTarget(below, kept)
    if (found !== undefined) return found
  }
  for (const fallback of Object.values(route.policy.fallbacks)) {
    const found = findTarget(fallback, kept)
    if (found !== undefined) return found
  }
  return undefined
}

/** @throws SluiceError `client_closed_request` as soon as the caller goes away. */
function whilePresent<T>(exchange: Exchange, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(callerGone())
    if (exchange.aborted) return gone()
    exchange.underWay = { abort: gone }
    const done = (): void => {
      exchange.underWay = undefined
    }
    promise.finally(done).then(resolve, reject)
  })
}

function callerGone(): SluiceError {
  return new SluiceError('client_closed_request', 'The caller went away.')
}

function nothingKept(): SluiceError {
  return new SluiceError(
    'cache_miss',
    'No kept answer will do, and none may be asked for. Leave `only-if-cached` out of `Cache-Control` to ask a provider.',
  )
}
