import { type ChatDialect, chatDialects, SluiceError, type Warning } from '../../packages/protocol/src/index.ts'
import type { Generator } from './generator.ts'
import { answerFeatures, requestFeatures } from './translation-features.ts'

/** `docs/translation.md`: what crosses between dialects, found out by letting the encoders say it. */
export const generateTranslation: Generator = () =>
  Promise.resolve([{ path: 'docs/translation.md', text: translationPage(chatDialects) }])

function translationPage(dialects: readonly ChatDialect[]): string {
  const callers = dialects.filter(({ served }) => served !== undefined)
  return `# What crosses between dialects

A caller may speak any of these dialects, whatever the provider behind the model speaks. Where both speak the same, the
bytes are relayed and nothing is lost. Else the request is translated by way of neutral types, and so is its answer, event by
event. What cannot be said in the other dialect is left out, and named in the header \`x-sluice-warnings\`.

These tables are written by \`npm run generate\` from what the encoders themselves report.

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
`
}

type Row = readonly [string, (dialect: ChatDialect) => string]

function table(dialects: readonly ChatDialect[], rows: readonly Row[]): string {
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
