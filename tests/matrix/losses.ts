import type { Gist } from './ask.ts'

/** What a wire has no words for, so that it cannot arrive: by dialect, and by scenario where it is one only. */
interface Loss {
  readonly what: readonly (keyof Gist)[]
  readonly why: string
  readonly scenario?: string
}

const wireLosses: Readonly<Record<string, readonly Loss[]>> = {
  'bedrock-converse': [
    { what: ['reasoned'], why: 'Its usage does not count reasoning apart from the rest of the output.' },
  ],
  'cohere-chat': [{ what: ['reasoned'], why: 'Its usage does not count reasoning apart from the rest of the output.' }],
  'ollama-chat': [
    {
      what: ['cached', 'reasoned'],
      why: 'It counts all of the prompt and all of the output: neither what was cached nor what was thought is told apart.',
    },
  ],
}

/** What is lost between two dialects: what either of them cannot say. */
export function lossOf(caller: string, provider: string, scenario: string): readonly (keyof Gist)[] {
  const losses = [...(wireLosses[caller] ?? []), ...(wireLosses[provider] ?? [])]
  return losses.filter((loss) => loss.scenario === undefined || loss.scenario === scenario).flatMap(({ what }) => what)
}
