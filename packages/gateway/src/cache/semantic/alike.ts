import { hash } from 'node:crypto'
import type { SemanticCacheConfig } from 'sluice'
import type { Principal } from '../../pipeline/principal.ts'
import type { EmbedText } from './embed-text.ts'
import type { Question } from './question.ts'
import type { Match, VectorStore } from './vector-store.ts'

/** Requests like one, whose answers may do for it. */
export interface Alike {
  /** Keys of answers to them, the most alike first. Never rejects. */
  find(): Promise<readonly Match[]>
  /** The answer to this one is kept under a key. Never rejects. */
  keep(key: string): Promise<void>
  /** There is no answer any more under that key, which was found. */
  drop(key: string): void
}

/** @param scope whose answers will do. */
export type FindAlike = (asked: AskedAlike) => Alike

export interface AskedAlike {
  /** Asked once, when something is to be found or kept: no body is read for an answer that is there. `undefined`: nothing is like it. */
  readonly question: () => Question | undefined
  readonly scope: string
  readonly route: string
  readonly principal: Principal
  readonly requestId: string
}

export interface FindAlikeParts {
  readonly config: SemanticCacheConfig
  readonly store: VectorStore
  readonly embed: EmbedText
}

/** Where a question is among others. */
interface Whereabouts {
  readonly place: string
  readonly vector: Float32Array
}

export function createFindAlike({ config, store, embed }: FindAlikeParts): FindAlike {
  const { model, threshold } = config

  async function locate({
    question,
    scope,
    route,
    principal,
    requestId,
  }: AskedAlike): Promise<Whereabouts | undefined> {
    const asked = question()
    if (asked === undefined) return undefined
    const place = hash('sha256', JSON.stringify([scope, route, model, asked.rest]), 'base64url')
    const vector = await embed({ principal, requestId, text: asked.text })
    return vector && { place, vector }
  }

  return (asked) => {
    let locating: Promise<Whereabouts | undefined> | undefined
    let found: Whereabouts | undefined
    const located = async (): Promise<Whereabouts | undefined> => (found = await (locating ??= locate(asked)))
    return {
      async find() {
        const here = await located()
        return here === undefined ? [] : store.nearest(here.place, here.vector, threshold)
      },
      async keep(key) {
        const here = await located()
        if (here !== undefined) await store.add(here.place, key, here.vector)
      },
      drop: (key) => found && store.drop(found.place, key),
    }
  }
}
