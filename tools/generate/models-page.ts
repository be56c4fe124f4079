import type { ModelTable } from '../../packages/engine/src/models/model-table.ts'
import type { Provider } from '../../packages/engine/src/provider-kit/provider.ts'
import { type Rate, type Rates, rateFor, ratesAt } from '../../packages/engine/src/money/model-price.ts'

/** `docs/models.md`: what the bundled catalog knows of the models that the presets name. */
export function modelsPage(source: string, providers: readonly Provider[], table: ModelTable): string {
  const named = providers
    .filter(({ local, retired, standIn, generic }) => !local && !standIn && !generic && retired === undefined)
    .map((provider) => ({ provider, rows: rowsOf(provider, table) }))
    .filter(({ rows }) => rows.length > 0)
  const all = named.flatMap(({ rows }) => rows)
  const priced = all.filter(({ rates }) => rates !== undefined)
  return `# Models and prices

Sluice comes with a table of models, their context windows and prices. It needs no network and is loaded
when a price is first needed. Its facts are those of [${source}](https://github.com/pydantic/genai-prices) (MIT),
\`${table.version}\`, published ${table.date}; [why that source](decisions/0008-price-source.md). Every cost keeps the
version of the table that it was worked out with.

Of the ${all.length} models that the presets name, ${priced.length} have a price. **A price that is not known is unknown,
never zero**: such a request is \`unpriced\`. If the provider gives prices in its list of models (OpenRouter, Together,
DeepInfra, Novita and others do), those are used; if it reports the cost of a request, that cost is. Any price can
be set in the config, in USD per million tokens:

\`\`\`yaml
providers: { lab: { type: openai_compatible, base_url: http://127.0.0.1:8000/v1 } }
models:
  - { id: lab/qwen, context_window: 128000, price: { input: 0.2, output: 0.6, cache_read: 0.02 } }
\`\`\`

## How a cost is worked out

- Tokens are counted in classes that do not overlap: cached input is not counted as input too.
- A class without a price of its own costs what its parent does: cached, written, audio and image input as input;
  reasoning and audio output as output. Tokens written to the long-lived cache cost what those of the short-lived do.
- A price with tiers is chosen by *all* input of the request, and then holds for the whole request.
- Prices have dates, and some change with the hour of the day (UTC). The time when the request began counts.
- Amounts are whole pico-dollars per token, added up as integers and rounded once, to the nano-dollar.
- \`priced\`: from reported usage, or the provider's own word. \`estimated\`: from counts made here, or at standard prices
  where those of the processing tier are not known. \`unpriced\`: not known.

## The presets' models

USD per million tokens, standard processing, on ${table.date}. \`>\` is the tier for larger inputs. The first model of a
provider is its default. Prices of hundreds more are in the table.

${named.map(({ provider, rows }) => `### ${provider.name}\n\n${tableOf(rows)}`).join('\n\n')}

\`npm run generate\` writes this page and the table from \`tools/generate/model-facts\`. To take in a newer table:
\`node tools/renew-prices.ts data.json VERSION DATE\`.
`
}

interface Row {
  readonly name: string
  readonly context: number | undefined
  readonly rates: Rates | undefined
}

function rowsOf({ id, models, modelNamespace }: Provider, table: ModelTable): Row[] {
  const names = new Set([models?.default, ...(models?.fallback ?? [])].filter((name) => name !== undefined))
  return [...names].map((name) => {
    const sent = modelNamespace === undefined || name.includes('/') ? name : `${modelNamespace}${name}`
    const model = table.find(id, sent)
    const rates = model?.price === undefined ? undefined : ratesAt(model.price, Date.parse(`${table.date}T12:00:00Z`))
    return { name, context: model?.contextWindow, rates }
  })
}

function tableOf(rows: readonly Row[]): string {
  const head = ['| model | context | input | cached | output |', '|---|---|---|---|---|']
  const cells = rows.map(({ name, context, rates }) => {
    const { input, cacheRead, output } = rates ?? {}
    const window = context === undefined ? '–' : context.toLocaleString('en')
    return `| \`${name}\` | ${[window, priceOf(input), priceOf(cacheRead), priceOf(output)].join(' | ')} |`
  })
  return [...head, ...cells].join('\n')
}

function priceOf(rate: Rate | undefined): string {
  if (rate === undefined) return '–'
  const base = `${rateFor(rate, 0) / 1e6}`
  if (typeof rate === 'number') return base
  return [base, ...rate.tiers.map((tier) => `${tier.rate / 1e6} (> ${tier.above.toLocaleString('en')})`)].join(', ')
}
