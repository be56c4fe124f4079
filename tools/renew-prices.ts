import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { formatFeed } from './generate/model-facts/format-feed.ts'
import type { PriceFeedProvider } from './generate/model-facts/price-feed.ts'

/** Takes a newer price table in: `node tools/renew-prices.ts data.json VERSION DATE`, then `npm run generate`. */
const [path, version, date] = process.argv.slice(2)
if (path === undefined || version === undefined || date === undefined) {
  console.error('Say the file (prices/new_data/v2/data.json of pydantic/genai-prices), its version and its date.')
  process.exitCode = 2
} else {
  const providers = JSON.parse(await readFile(path, 'utf8')) as readonly PriceFeedProvider[]
  const target = fileURLToPath(new URL('generate/model-facts/genai-prices.jsonl', import.meta.url))
  await writeFile(target, formatFeed({ source: 'genai-prices', version, date, providers }))
}
