import { fitsPatterns } from '../models/name-pattern.ts'
import type { CountText } from './encoding-of.ts'

/** Characters that one token holds, in Latin script, for makers that publish no tokenizer. */
const makers: readonly (readonly [names: readonly string[], charactersPerToken: number])[] = [
  [['*claude*'], 3.5],
  [['gemini*', 'gemma*', 'command-*'], 4],
]
const otherMakers = 3.8

/** An estimate for models whose tokenizer is not at hand: by characters, a little more than one token for each of a script without spaces. */
export function estimateText(model: string): { readonly count: CountText; readonly method: string } {
  const bare = model.slice(model.lastIndexOf('/') + 1)
  const perToken = makers.find(([names]) => fitsPatterns(bare, names))?.[1] ?? otherMakers
  return {
    count: (text) => {
      const dense = text.match(/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/g)?.length ?? 0
      return Math.ceil((text.length - dense) / perToken + dense * 1.2)
    },
    method: `characters / ${perToken}`,
  }
}
