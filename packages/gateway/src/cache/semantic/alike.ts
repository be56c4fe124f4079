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
  /** There is no answer under that key any more. */
  drop(key: string): void
}

/** @param scope whose answers will do. */
export type FindAlike = (asked: AskedAlike) => Alike

export interface AskedAlike {
  readonly question: Question
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

export function createFindAlike({ config, store, embed }: FindAlikeParts): FindAlike {
  const { model, threshold } = config
  return ({ question, scope, route, principal, requestId }) => {
    const place = hash('sha256', JSON.stringify([scope, route, model, question.rest]), 'base64url')
    let embedding: Promise<Float32Array | undefined> | undefined
    const embedded = (): Promise<Float32Array | undefined> =>
      (embedding ??= embed({ principal, requestId, text: question.text }))
    return {
      async find() {
        const vector = await embedded()
        return vector === undefined ? [] : store.nearest(place, vector, threshold)
      },
      async keep(key) {
        const vector = await embedded()
        if (vector !== undefined) await store.add(place, key, vector)
      },
      drop: (key) => store.drop(place, key),
    }
  }
}
