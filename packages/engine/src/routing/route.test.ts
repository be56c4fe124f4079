import { type ErrorCode, openaiChat, SluiceError } from '@sluice/protocol'
import { expect, test } from 'vitest'
import type { Answer } from '../dispatch/answer.ts'
import { Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'
import { firstAvailable } from '../strategies/first-available.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { compileCondition } from './condition.ts'
import { hedge } from './hedge.ts'
import { ConcurrencyLimit } from './concurrency-limit.ts'
import { createRetryBudget } from './retry-budget.ts'
import { RouteFailedError } from './route-failed-error.ts'
import { amongTargets } from './among-targets.ts'
import { route, type RouteContext } from './route.ts'
import { plainPolicy, type Route, type RouteCandidate, type RoutePolicy } from './route-plan.ts'
import { TargetState } from './target-state.ts'

/** Of a target only what the loop looks at. */
function target(id: string, maxRetries = 0): Target {
  return { provider: { id }, model: 'm', state: new TargetState(id), maxRetries } as unknown as Target
}

function candidate(entry: Target | Route, when?: string): RouteCandidate {
  const isRoute = 'candidates' in entry
  return {
    name: isRoute ? entry.name : entry.state.id,
    weight: 1,
    priority: 0,
    target: isRoute ? undefined : entry,
    route: isRoute ? entry : undefined,
    load: isRoute ? new TargetState('') : entry.state,
    condition: when === undefined ? undefined : compileCondition(when),
    estimatedCost: () => undefined,
  }
}

function routeOf(candidates: readonly RouteCandidate[], policy: Partial<RoutePolicy> = {}, name = 'smart'): Route {
  const strategy = firstAvailable.create(candidates, { random: () => 0, kind: () => undefined }, {})
  return { name, only: undefined, candidates, strategy, policy: { ...plainPolicy, ...policy } }
}

/** Who answered. */
async function answerer(current: Exchange, plan: Route, context: RouteContext): Promise<string> {
  return (await route(current, plan, context)).target.state.id
}

function exchange(body: object = {}): Exchange {
  const bytes = new TextEncoder().encode(JSON.stringify({ model: 'smart', messages: [], ...body }))
  return new Exchange('req_1', openaiChat, bytes, openaiChat.peek(bytes), performance.now())
}

/** Answers by the target's id: an error code fails, anything else is the answer. */
function world(says: Record<string, (ErrorCode | 'ok')[] | ErrorCode | 'ok'>, retryAfterMs?: number) {
  const asked: string[] = []
  const context: RouteContext = {
    journey: amongTargets,
    dispatch(_exchange, target) {
      const { state } = target
      asked.push(state.id)
      const script = says[state.id] ?? 'ok'
      const word = typeof script === 'string' ? script : (script.shift() ?? 'ok')
      if (word === 'ok') return Promise.resolve({ target } as unknown as Answer)
      return Promise.reject(
        new SluiceError(word, `${state.id} failed.`, retryAfterMs === undefined ? {} : { retryAfterMs }),
      )
    },
    random: () => 0,
    budget: createRetryBudget({ share: 0, reserve: 3, now: () => 0 }),
  }
  return { asked, context }
}

test('goes on to the next target when one fails, and keeps to the first while it works', async () => {
  const plan = routeOf([candidate(target('a')), candidate(target('b'))])
  const { asked, context } = world({ a: ['upstream_error', 'ok'] })
  expect(await answerer(exchange(), plan, context)).toBe('b')
  expect(await answerer(exchange(), plan, context)).toBe('a')
  expect(asked).toEqual(['a', 'b', 'a'])
})

test('tells the caller at once when the request is at fault', async () => {
  const plan = routeOf([candidate(target('a')), candidate(target('b'))])
  const { asked, context } = world({ a: 'upstream_rejected' })
  await expect(route(exchange(), plan, context)).rejects.toMatchObject({ code: 'upstream_rejected' })
  expect(asked).toEqual(['a'])
})

test('names all that were tried when none answers', async () => {
  const plan = routeOf([candidate(target('a')), candidate(target('b'))])
  const { context } = world({ a: 'upstream_error', b: 'upstream_overloaded' })
  const current = exchange()
  const error = await route(current, plan, context).catch((thrown: unknown) => thrown as SluiceError)
  expect(error).toMatchObject({
    code: 'upstream_overloaded',
    message: 'None of 2 targets answered (a, b). The last: b failed.',
  })
  expect(error).toBeInstanceOf(RouteFailedError)
  expect(error).toMatchObject({ name: 'RouteFailedError' })
  expect((error as RouteFailedError).attempts).toMatchObject([
    { provider: 'a', model: 'm', code: 'upstream_error', cause: { message: 'a failed.' } },
    { provider: 'b', model: 'm', code: 'upstream_overloaded', cause: { message: 'b failed.' } },
  ])
  expect(current.attempts.map(({ target: { state } }) => state.id)).toEqual(['a', 'b'])
})

test('asks the last one again as often as it may, within the budget', async () => {
  const plan = routeOf([candidate(target('a', 9)), candidate(target('b', 9))])
  const { asked, context } = world({ a: 'upstream_error', b: 'upstream_error' })
  await expect(route(exchange(), plan, context)).rejects.toMatchObject({ code: 'upstream_error' })
  // Three repeated calls are all that there are.
  expect(asked).toEqual(['a', 'b', 'b', 'b', 'b'])
})

test('leaves a target alone for as long as it asks', async () => {
  const plan = routeOf([candidate(target('a')), candidate(target('b'))])
  const { asked, context } = world({ a: ['rate_limit_exceeded'] }, 60_000)
  await route(exchange(), plan, context)
  await route(exchange(), plan, context)
  expect(asked).toEqual(['a', 'b', 'b'])
})

test('says when to come back where all of them ask for rest', async () => {
  const plan = routeOf([candidate(target('a')), candidate(target('b'))])
  const { context } = world({ a: 'rate_limit_exceeded', b: 'rate_limit_exceeded' }, 30_000)
  await expect(route(exchange(), plan, context)).rejects.toMatchObject({ code: 'rate_limit_exceeded' })
  const error = await route(exchange(), plan, context).catch((thrown: unknown) => thrown as SluiceError)
  expect(error).toMatchObject({ code: 'rate_limit_exceeded', status: 429 })
  expect((error as SluiceError).retryAfterMs).toBeGreaterThan(25_000)
})

test('takes the route that is there for such a failure', async () => {
  const long = { ...routeOf([], {}, 'long'), only: target('long') }
  const plan = routeOf([candidate(target('a')), candidate(target('b'))], { fallbacks: { 'context-window': long } })
  const { asked, context } = world({ a: 'context_length_exceeded' })
  expect(await answerer(exchange(), plan, context)).toBe('long')
  expect(asked).toEqual(['a', 'long'])
})

test('does about an error what config says', async () => {
  const plan = routeOf([candidate(target('a', 1)), candidate(target('b'))], {
    onError: { overloaded: 'retry', upstream_rejected: 'next' },
  })
  const { asked, context } = world({ a: ['upstream_overloaded', 'upstream_rejected'] })
  expect(await answerer(exchange(), plan, context)).toBe('b')
  expect(asked).toEqual(['a', 'a', 'b'])
})

test('goes on when asking again has not helped', async () => {
  const plan = routeOf([candidate(target('a', 2)), candidate(target('b'))])
  const { asked, context } = world({ a: 'upstream_conflict' })
  expect(await answerer(exchange(), plan, context)).toBe('b')
  expect(asked).toEqual(['a', 'a', 'a', 'b'])
})

test('asks only targets that are for the request, also below', async () => {
  const below = routeOf([candidate(target('c'), 'params.temperature > 1.0')], {}, 'below')
  const plan = routeOf([candidate(target('a'), 'stream'), candidate(below), candidate(target('d'))])
  const { context } = world({})
  expect(await answerer(exchange({ stream: true }), plan, context)).toBe('a')
  expect(await answerer(exchange({ temperature: 1.5 }), plan, context)).toBe('c')
  expect(await answerer(exchange(), plan, context)).toBe('d')
  const nobody = routeOf([candidate(target('a'), 'stream')])
  await expect(route(exchange(), nobody, context)).rejects.toMatchObject({ code: 'model_not_found' })
})

test('asks one that seems broken rather than nobody', async () => {
  const [a, b] = [target('a'), target('b')]
  for (const { state } of [a, b])
    state.guard = { allows: () => false, refusal: () => 'broken', begin: () => undefined, end: () => undefined }
  const { context } = world({})
  expect(await answerer(exchange(), routeOf([candidate(a), candidate(b)]), context)).toBe('a')
})

test('writes down what was considered, for who wants to know', async () => {
  const a = target('a')
  a.state.restUntil = performance.now() + 5_000
  const plan = routeOf([candidate(a), candidate(target('b'), 'stream'), candidate(target('c')), candidate(target('d'))])
  const current = exchange()
  current.decisions = []
  await route(current, plan, world({}).context)
  expect(current.decisions).toEqual([
    {
      route: 'smart',
      candidates: [
        { name: 'a', outcome: 'filtered', reason: expect.stringMatching(/^asked to rest for another \d+ ms$/) },
        { name: 'b', outcome: 'filtered', reason: 'not when stream' },
        { name: 'c', outcome: 'picked', score: 0 },
        { name: 'd', outcome: 'passed', score: 0 },
      ],
    },
  ])
})

test('repeats nothing for a caller who has gone', async () => {
  const plan = routeOf([candidate(target('a')), candidate(target('b'))])
  const { asked, context } = world({ a: 'upstream_error' })
  const current = exchange()
  current.abort()
  await expect(route(current, plan, context)).rejects.toMatchObject({ code: 'upstream_error' })
  expect(asked).toEqual(['a'])
})

test('waits for a place at the only target, and gives it back however the call ends', async () => {
  const a = target('a')
  a.state.limit = new ConcurrencyLimit('a', { most: 1, queue: 1, patience: 1_000 })
  const alone = { ...routeOf([]), only: a }
  const dispatch = (): Promise<Answer> => {
    a.state.begin(0)
    a.state.end({ outcome: 'ok', error: undefined, firstByte: 1, streamed: 0, bytes: 0, startedAt: 0, now: 0 })
    return Promise.resolve({ target: a } as unknown as Answer)
  }
  const { context } = world({})
  const broken = {
    ...context,
    dispatch: () => {
      throw new SluiceError('invalid_request', 'No.')
    },
  }
  await expect(route(exchange(), alone, broken)).rejects.toMatchObject({ code: 'invalid_request' })
  expect(a.state.limit.full).toBe(false)
  await route(exchange(), alone, { ...context, dispatch })
  expect(a.state.limit.full).toBe(false)
})

/** Targets that answer when they are told to. */
function slowWorld() {
  const calls: { readonly id: string; answer(): void; fail(code: ErrorCode): void; aborted: boolean }[] = []
  const context: RouteContext = {
    journey: amongTargets,
    dispatch(current, target) {
      return new Promise((resolve, reject) => {
        const call = {
          id: target.state.id,
          answer: () => resolve({ target } as unknown as Answer),
          fail: (code: ErrorCode) => reject(new SluiceError(code, `${target.state.id} failed.`)),
          aborted: false,
        }
        calls.push(call)
        current.underWay = {
          abort() {
            call.aborted = true
            call.fail('client_closed_request')
          },
        }
      })
    },
    random: () => 0,
    budget: createRetryBudget({ share: 0, reserve: 0, now: () => 0 }),
  }
  return { calls, context }
}

const hedged = (maxExtra = 1): Route =>
  routeOf([candidate(target('a')), candidate(target('b')), candidate(target('c'))], {
    hedge: {
      delay: 0,
      maxExtra,
      budget: createRetryBudget({ share: maxExtra, reserve: 0, now: () => 0 }),
      race: hedge,
    },
  })

const untilCalled = async (calls: readonly unknown[], count: number): Promise<void> => {
  while (calls.length < count) await new Promise((resolve) => setTimeout(resolve, 1))
}

test('asks a second target when the first takes long; the first answer counts and the other call is given up', async () => {
  const { calls, context } = slowWorld()
  const current = exchange()
  const answer = answerer(current, hedged(), context)
  await untilCalled(calls, 2)
  expect(calls.map(({ id }) => id)).toEqual(['a', 'b'])
  calls[1]?.answer()
  expect(await answer).toBe('b')
  expect(calls.map(({ aborted }) => aborted)).toEqual([true, false])
  expect(current.attempts.map(({ target: { state }, abandoned }) => [state.id, abandoned])).toEqual([
    ['a', true],
    ['b', undefined],
  ])
})

test('waits for the second when the first fails meanwhile, and goes on when both do', async () => {
  const { calls, context } = slowWorld()
  const first = answerer(exchange(), hedged(), context)
  await untilCalled(calls, 2)
  calls[0]?.fail('upstream_error')
  calls[1]?.answer()
  expect(await first).toBe('b')

  const current = exchange()
  const second = answerer(current, hedged(), context)
  await untilCalled(calls, 4)
  calls[2]?.fail('upstream_error')
  calls[3]?.fail('upstream_overloaded')
  await untilCalled(calls, 5)
  calls[4]?.answer()
  expect(['b', 'c']).toContain(await second)
  expect(current.attempts.map(({ error }) => error?.code)).toEqual(['upstream_overloaded', 'upstream_error', undefined])
})

test('makes no more second calls than are allowed', async () => {
  const { calls, context } = slowWorld()
  const plan = hedged(0.1)
  const answers = Array.from({ length: 40 }, () => answerer(exchange(), plan, context))
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(calls.filter(({ id }) => id !== 'a')).toHaveLength(4)
  for (const call of calls) call.answer()
  await Promise.all(answers)
})

test('goes on with the first call where no second can be chosen', async () => {
  const { calls, context } = slowWorld()
  const plan = hedged()
  let picks = 0
  const pick: Strategy['pick'] = ([first]) => {
    if (++picks > 1) throw new TypeError('A strategy of its own fails.')
    return first!
  }
  const answer = answerer(exchange(), { ...plan, strategy: { pick } }, context)
  while (picks < 2) await new Promise((resolve) => setTimeout(resolve, 1))
  calls[0]?.answer()
  expect(await answer).toBe('a')
})

test('gives both calls up when the caller goes away', async () => {
  const { calls, context } = slowWorld()
  const current = exchange()
  const answer = answerer(current, hedged(), context)
  await untilCalled(calls, 2)
  current.abort()
  await expect(answer).rejects.toMatchObject({ code: 'client_closed_request' })
  expect(calls.map(({ aborted }) => aborted)).toEqual([true, true])
  expect(calls).toHaveLength(2)
})

test('gives both calls up also where places are limited, and makes no call for who left while waiting', async () => {
  const { calls, context } = slowWorld()
  const plan = hedged()
  for (const { target: one } of plan.candidates)
    if (one !== undefined) one.state.limit = new ConcurrencyLimit(one.state.id, { most: 1, queue: 5, patience: 9_000 })
  const current = exchange()
  const answer = answerer(current, plan, context)
  await untilCalled(calls, 2)
  current.abort()
  await expect(answer).rejects.toMatchObject({ code: 'client_closed_request' })
  expect(calls.map(({ aborted }) => aborted)).toEqual([true, true])

  const alone = { ...routeOf([]), only: target('a') }
  const limit = new ConcurrencyLimit('a', { most: 1, queue: 5, patience: 9_000 })
  alone.only.state.limit = limit
  void limit.enter({ principal: 'other', underWay: undefined })
  const waiting = exchange()
  const left = answerer(waiting, alone, context)
  await Promise.resolve()
  // The place becomes free and the caller leaves in one breath.
  limit.leave()
  waiting.abort()
  await expect(left).rejects.toMatchObject({ code: 'client_closed_request' })
  expect(calls).toHaveLength(2)
  expect(limit.full).toBe(false)
})

test("waits for a place no longer than the route's time lasts, and asks for what is left of it", async () => {
  const crowded = target('a')
  const limit = (crowded.state.limit = new ConcurrencyLimit('a', { most: 1, queue: 5, patience: 3_600_000 }))
  const timeouts: (number | undefined)[] = []
  const { context } = world({})
  const watched: RouteContext = {
    ...context,
    dispatch(current, to, timeout) {
      timeouts.push(timeout)
      return context.dispatch(current, to, timeout)
    },
  }
  void limit.enter({ principal: 'other', underWay: undefined })
  await expect(answerer(exchange(), routeOf([candidate(crowded)], { timeout: 20 }), watched)).rejects.toMatchObject({
    code: 'upstream_overloaded',
  })
  expect(limit.waiting).toBe(0)
  const answer = answerer(exchange(), routeOf([candidate(crowded)], { timeout: 10_000 }), watched)
  setTimeout(() => limit.leave(), 20)
  expect(await answer).toBe('a')
  expect(timeouts).toHaveLength(1)
  expect(timeouts[0]).toBeLessThan(9_990)
})
