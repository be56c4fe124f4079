import { append } from '../../ir/append.ts'
import type { WireObject } from '../../json/wire-object.ts'

export interface Turn {
  readonly role: string
  readonly content: WireObject[]
}

interface OpenTurn {
  readonly role: string
  readonly results: WireObject[]
  readonly others: WireObject[]
}

/**
 * Gathers blocks into turns of user and assistant in alternation. The results of one turn's calls stand together before
 * whatever else the user says; who says nothing has no turn.
 */
export class Turns {
  readonly #turns: OpenTurn[] = []

  get empty(): boolean {
    return this.#turns.length === 0
  }

  /** @param blocks of one result: itself, and what belongs behind it. */
  addResult(blocks: readonly WireObject[]): void {
    append(this.#turnOf('user').results, blocks)
  }

  add(role: string, blocks: readonly WireObject[]): void {
    if (blocks.length > 0) append(this.#turnOf(role).others, blocks)
  }

  list(): Turn[] {
    return this.#turns.map(({ role, results, others }) => ({ role, content: [...results, ...others] }))
  }

  #turnOf(role: string): OpenTurn {
    const last = this.#turns.at(-1)
    if (last?.role === role) return last
    const turn = { role, results: [], others: [] }
    this.#turns.push(turn)
    return turn
  }
}
