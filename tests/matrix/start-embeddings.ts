import type { EmbedDialect } from '@sluice/protocol'
import { embedDialects } from '@sluice/protocol/dialects'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** One provider for each dialect of embeddings, `via-<dialect>`; all of them are the simulator. */
export function startEmbeddings(): Promise<TestGateway> {
  return startTestGateway({
    simulator: { models: ['small', 'cohere.small'] },
    providers: ({ url }) =>
      Object.fromEntries(
        embedDialects.map(({ id }) => [
          `via-${id}`,
          {
            type: 'openai_compatible',
            base_url: url,
            api_key: 'upstream-key',
            max_retries: 0,
            speaks: [id],
            models: [modelOf(id)],
            models_path: null,
          },
        ]),
      ),
  })
}

/** What Bedrock's path leads to, the model's name says. */
function modelOf(dialect: string): string {
  return dialect === 'bedrock-cohere-embed' ? 'cohere.small' : 'small'
}

/** With a colon: clients take a name with a slash for something else. */
export function modelVia(dialect: string): string {
  return `via-${dialect}:${modelOf(dialect)}`
}

/** What takes one input per call. */
export const single: ReadonlySet<string> = new Set(['gemini-embed', 'bedrock-titan-embed'])

export const callers: readonly EmbedDialect[] = embedDialects.filter(({ served }) => served !== undefined)
