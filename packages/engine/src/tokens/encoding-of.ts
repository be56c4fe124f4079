import { fitsPatterns } from '../models/name-pattern.ts'
import { cutLongRuns } from './cut-long-runs.ts'

export type EncodingName = 'o200k_base' | 'o200k_harmony' | 'cl100k_base' | 'p50k_base' | 'p50k_edit' | 'r50k_base'

/**
 * OpenAI's encodings by its models' names; the first row that fits counts. gpt-6 is not here: which encoding it has
 * was not published. Source: https://github.com/openai/tiktoken, `tiktoken/model.py`.
 */
const encodings: readonly (readonly [EncodingName, readonly string[]])[] = [
  ['o200k_harmony', ['gpt-oss*']],
  [
    'o200k_base',
    ['gpt-4o*', 'chatgpt-4o*', 'gpt-4.1*', 'gpt-4.5*', 'o1', 'o1-*', 'o3', 'o3-*', 'o4-*', 'gpt-5*', 'codex-mini*'],
  ],
  [
    'cl100k_base',
    ['gpt-4', 'gpt-4-*', 'gpt-3.5-turbo*', 'gpt-35-turbo*', 'text-embedding-*', 'davinci-002', 'babbage-002'],
  ],
  ['p50k_edit', ['*-edit-001']],
  ['p50k_base', ['text-davinci-002', 'text-davinci-003', 'code-davinci-*', 'code-cushman-*']],
  ['r50k_base', ['davinci', 'curie', 'babbage', 'ada', 'text-*-001', 'gpt2']],
]

/** OpenAI's own encoding for a model, however the name is written: `openai/gpt-4o`, `ft:gpt-4o:acme::id`. */
export function encodingOf(model: string): EncodingName | undefined {
  const bare = model
    .slice(model.lastIndexOf('/') + 1)
    .replace(/^ft:([^:]+).*$/, '$1')
    .replace(/:.*$/, '')
  return encodings.find(([, names]) => fitsPatterns(bare, names))?.[0]
}

export type CountText = (text: string) => number

/**
 * Loads an encoding's ranks (1.7 to 3.6 MB), which happens once for each and only when it is asked for.
 * @param cut is told of texts that were counted in parts, as a word had no end: about, then.
 */
export async function loadEncoding(name: EncodingName, cut?: () => void): Promise<CountText> {
  const { countTokens } = await imports[name]()
  // Words such as <|endoftext|> in a message are text like any other.
  const options = { disallowedSpecial: new Set<string>() }
  return (text) => {
    const parts = cutLongRuns(text)
    if (parts.length > 1) cut?.()
    return parts.reduce((tokens, part) => tokens + countTokens(part, options), 0)
  }
}

type Encoding = { countTokens(text: string, options: { disallowedSpecial: Set<string> }): number }

const imports: Readonly<Record<EncodingName, () => Promise<Encoding>>> = {
  o200k_base: () => import('gpt-tokenizer/encoding/o200k_base'),
  o200k_harmony: () => import('gpt-tokenizer/encoding/o200k_harmony'),
  cl100k_base: () => import('gpt-tokenizer/encoding/cl100k_base'),
  p50k_base: () => import('gpt-tokenizer/encoding/p50k_base'),
  p50k_edit: () => import('gpt-tokenizer/encoding/p50k_edit'),
  r50k_base: () => import('gpt-tokenizer/encoding/r50k_base'),
}
