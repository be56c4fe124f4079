import type { KeptAnswer } from '../kept-answer.ts'

/** A kept answer of which nothing matters but what is said. Default: kept now, of no bytes. */
export function keptAnswer(more: Partial<KeptAnswer> = {}): KeptAnswer {
  return {
    asker: { key: 'key_1' },
    provider: 'lab',
    model: 'small',
    headers: {},
    stream: false,
    finishReason: 'stop',
    warnings: [],
    pieces: [],
    keptAt: Date.now(),
    ...more,
  }
}
