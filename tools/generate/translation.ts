import { chatDialects, embedDialects } from '../../packages/protocol/src/dialects.ts'
import {
  type ChatDialect,
  type EmbedDialect,
  SluiceError,
  type TranslatableDialect,
  type Warning,
} from '../../packages/protocol/src/index.ts'
import type { Generator } from './generator.ts'
import { answerFeatures, embedFeatures, requestFeatures } from './translation-features.ts'

/** `docs/translation.md`: what crosses between dialects, found out by letting the encoders say it. */
export const generateTranslation: Generator = () =>
  Promise.resolve([{ path: 'docs/translation.md', text: translationPage(chatDialects) }])

function translationPage(dialects: readonly ChatDialect[]): string {
  const callers = dialects.filter(({ served }) => served !== undefined)
  return `# What crosses between dialects

A caller may speak any of these dialects, whatever the provider behind the model speaks. If both speak the same, the
bytes are relayed and nothing is lost. Otherwise the request is translated through neutral types, and so is its answer, event by
event. What cannot be said in the other dialect is left out, and named in the header \`x-sluice-warnings\`.

\`npm run generate\` writes these tables from what the encoders themselves report.

**yes**: said in full. **changed**: said in another way that means about the same. **no**: left out, with a warning.
**refused**: the request is answered with an error that says so.

## Requests: what a provider can be told

${table(
  dialects,
  requestFeatures.map(({ name, request }) => [name, (dialect) => tellOf(dialect, request)]),
)}

## Answers: what a caller can be told

${table(
  callers,
  answerFeatures.map(({ name, part }) => [name, (dialect) => answerOf(dialect, part)]),
)}

## Embeddings

What a provider can be told. Vectors come as numbers or as base64, whichever the caller asked for: where the provider
gives the other, they are converted here. Callers may speak \`openai-embeddings\` (\`/v1/embeddings\`), \`gemini-embed\` and
\`gemini-batch-embed\` (\`:embedContent\`, \`:batchEmbedContents\`), \`cohere-embed\` (\`/v2/embed\`) and \`ollama-embed\`
(\`/api/embed\`). Titan on Bedrock takes one text per call, so that several inputs in one request are refused.

${table(
  embedDialects,
  embedFeatures.map(({ name, request }) => [name, (dialect) => embeddingOf(dialect, request)]),
)}

## Reranking and moderation

Rankings cross between \`cohere-rerank\` (\`/v2/rerank\`) and \`jina-rerank\` (\`/v1/rerank\`, as vLLM has it) in full;
documents that a caller wants back are put into the answer here where the provider does not repeat them.

Moderations are asked for and answered in OpenAI's shape, whatever the provider: Mistral's categories get OpenAI's names
where both mean the same and keep their own where not. With \`moderation.model\` a chat model judges: its answer says
\`"judged_by": "chat-model"\`, and one that cannot be read is an error, never a pass.
`
}

type Row<D> = readonly [string, (dialect: D) => string]

function table<D extends TranslatableDialect>(dialects: readonly D[], rows: readonly Row<D>[]): string {
  const lines = [
    ['', ...dialects.map(({ id }) => id)],
    ['---', ...dialects.map(() => '---')],
  ]
  for (const [name, cell] of rows) lines.push([name, ...dialects.map(cell)])
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function tellOf(dialect: ChatDialect, request: (typeof requestFeatures)[number]['request']): string {
  return judge((warnings) =>
    dialect.request.encode(
      { model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...request },
      { warn: (warning) => warnings.push(warning) },
    ),
  )
}

function embeddingOf(dialect: EmbedDialect, request: (typeof embedFeatures)[number]['request']): string {
  return judge((warnings) =>
    dialect.request.encode(
      { model: 'm', inputs: [{ type: 'text', text: 'Hi' }], ...request },
      { warn: (warning) => warnings.push(warning) },
    ),
  )
}

function answerOf(dialect: ChatDialect, part: (typeof answerFeatures)[number]['part']): string {
  return judge((warnings) =>
    dialect.result.encode(
      { id: '1', model: 'm', choices: [{ index: 0, content: [part], finishReason: 'stop' }] },
      { warn: (warning) => warnings.push(warning) },
    ),
  )
}

function judge(encode: (warnings: Warning[]) => unknown): string {
  const warnings: Warning[] = []
  try {
    encode(warnings)
  } catch (error) {
    if (error instanceof SluiceError) return 'refused'
    throw error
  }
  if (warnings.length === 0) return 'yes'
  return warnings.some(({ code }) => code !== 'value-changed') ? 'no' : 'changed'
}
