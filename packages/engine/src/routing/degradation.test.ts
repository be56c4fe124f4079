import { beforeEach, describe, expect, test } from 'vitest'
import { Degradation, type DegradationOptions } from './degradation.ts'

const options: DegradationOptions = { factor: 2, recovery: 1.3, samples: 5, minimumCalls: 20, memory: 3_600_000 }
let target: Degradation
let told: boolean[]
let now: number

beforeEach(() => {
  told = []
  now = 1_000
  target = new Degradation(options, (degraded) => told.push(degraded))
})

function call(times: number, firstByte: number | undefined, streamed = 0, bytes = 0): void {
  for (let index = 0; index < times; index++) {
    now += 1_000
    const outcome = firstByte === undefined ? 'failed' : 'ok'
    target.end({ outcome, error: undefined, firstByte, streamed, bytes, startedAt: now, now })
  }
}

test('calls of which the answers begin far later than usual are told once, and once that it is over', () => {
  call(30, 320)
  call(4, 1_300)
  expect(target.reasons(now)).toEqual([])
  call(30, 1_300)
  expect(target.reasons(now)).toEqual([expect.stringMatching(/^time to first token [34]\.\d x its usual 3[23]\d ms$/)])
  call(40, 320)
  expect(target.reasons(now)).toEqual([])
  expect(told).toEqual([true, false])
})

test('odd slow calls, swinging around the threshold, and milliseconds are no degradation', () => {
  call(30, 320)
  for (let round = 0; round < 20; round++) {
    call(1, 60_000)
    call(10, 320)
  }
  expect(told).toEqual([])
  target = new Degradation(options, (degraded) => told.push(degraded))
  call(30, 4)
  call(30, 40)
  expect(told).toEqual([])
})

test('between the two thresholds it stays what it was', () => {
  call(40, 400)
  call(20, 680)
  expect(told).toEqual([])
  call(20, 1_200)
  expect(told).toEqual([true])
  call(40, 680)
  expect(told).toEqual([true])
  call(40, 400)
  expect(told).toEqual([true, false])
})

test('slow streams and failures count too', () => {
  call(30, 100, 1_000, 10_000)
  call(30, 100, 10_000, 10_000)
  expect(target.reasons(now)).toEqual([expect.stringMatching(/^streams at 0\.1\d x their usual \d+ bytes\/s$/)])
  call(40, 100, 1_000, 10_000)
  expect(target.reasons(now)).toEqual([])
  call(3, undefined)
  expect(target.reasons(now)).toEqual([expect.stringMatching(/^2\d % of calls fail, usually 0 %$/)])
  call(20, 100, 1_000, 10_000)
  expect(told).toEqual([true, false, true, false])
})

describe('what is usual', () => {
  test('becomes what lasts for hours', () => {
    call(30, 320)
    for (let hours = 0; hours < 6; hours++) call(3_600, 1_300)
    expect(target.reasons(now)).toEqual([])
    expect(told).toEqual([true, false])
  })

  test('is not known of few calls, and nothing is known of a target that nobody called lately', () => {
    call(10, 100)
    call(10, 2_000)
    expect(told).toEqual([])
    call(60, 1_000)
    call(30, 9_000)
    expect(told).toEqual([true])
    expect(target.reasons(now + 3_600_000)).toEqual([])
  })
})
