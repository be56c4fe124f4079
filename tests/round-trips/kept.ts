import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import type { Gist } from './gist.ts'

export function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

/**
 * What a wire can say is what one crossing of it keeps, so that nobody has to list it: all that `here` and `there`
 * kept of what was said has to be there after a crossing of both.
 */
export function expectBothKept(said: Gist, here: Gist, there: Gist, back: Gist): void {
  const both = Object.keys(said).filter((name) => keeps(here, said, name) && keeps(there, said, name))
  const only = (gist: Gist): Gist => Object.fromEntries(both.map((name) => [name, gist[name]]))
  expect(only(back)).toStrictEqual(only(said))
}

function keeps(gist: Gist, said: Gist, name: string): boolean {
  return isDeepStrictEqual(gist[name], said[name])
}
