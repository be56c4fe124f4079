/** A table of the price feed; `bare`: this provider names the models without the maker before the slash. */
export type PriceSource = string | { readonly table: string; readonly bare: true }

/** Where a preset's prices stand in the feed, by preset id, where it is not under the same id. */
export const priceSources: Readonly<Record<string, readonly PriceSource[]>> = {
  'azure-openai': ['azure'],
  bedrock: ['aws'],
  'cloudflare-workers-ai': ['cloudflare'],
  gemini: ['google'],
  hyperbolic: ['huggingface_hyperbolic'],
  moonshot: ['moonshotai'],
  nebius: ['huggingface_nebius'],
  sambanova: [{ table: 'huggingface_sambanova', bare: true }],
  vertex: ['google'],
  xai: ['x-ai'],
}

/** The tables that are kept of the feed. */
export const keptTables: readonly string[] = [
  'anthropic',
  'aws',
  'azure',
  'cerebras',
  'cloudflare',
  'cohere',
  'deepseek',
  'fireworks',
  'google',
  'groq',
  'huggingface_hyperbolic',
  'huggingface_nebius',
  'huggingface_sambanova',
  'minimax',
  'mistral',
  'moonshotai',
  'novita',
  'openai',
  'openrouter',
  'perplexity',
  'together',
  'x-ai',
  'zai',
]
