import type { TargetState } from './target-state.ts'

/** The state of a target where nobody chooses by it, nor asks for it: what attempts tell it is not kept. */
export function unwatched(id: string): TargetState {
  const state: ToldState = { id, restUntil: 0, limit: undefined, heard: undefined, begin() {}, answered() {}, end() {} }
  return state as TargetState
}

/** All that attempts use of it. */
type ToldState = Pick<TargetState, 'id' | 'restUntil' | 'limit' | 'heard' | 'begin' | 'answered' | 'end'>
