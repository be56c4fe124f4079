/** Who makes a family of models: the part before the slash on hosts that serve many (`anthropic/claude-sonnet-5`). */
export interface ModelVendor {
  /** As OpenRouter writes it. */
  readonly vendor: string
  /** As other hosts write it. */
  readonly spellings?: readonly string[]
  /** Patterns of bare names; see `fitsPatterns`. */
  readonly names: readonly string[]
}

/**
 * Vendors by the names of their models, after https://openrouter.ai/models. Not who serves them under the bare
 * name: that is `owns` of a provider. Earlier rows win; users may put rows of their own before these.
 */
export const modelVendors: readonly ModelVendor[] = [
  { vendor: 'openai', names: ['gpt-*', 'chatgpt-*', 'o1', 'o1-*', 'o3', 'o3-*', 'o4-*', 'codex-*'] },
  { vendor: 'anthropic', names: ['claude-*'] },
  { vendor: 'google', names: ['gemini-*', 'gemma-*'] },
  { vendor: 'nvidia', names: ['*nemotron*'] },
  { vendor: 'meta-llama', spellings: ['meta'], names: ['llama-*'] },
  {
    vendor: 'mistralai',
    spellings: ['mistral'],
    names: ['mistral-*', 'ministral-*', 'magistral-*', 'mixtral-*', 'codestral-*', 'devstral-*', 'pixtral-*'],
  },
  { vendor: 'deepseek', spellings: ['deepseek-ai'], names: ['deepseek-*'] },
  { vendor: 'x-ai', spellings: ['xai'], names: ['grok-*'] },
  { vendor: 'qwen', spellings: ['alibaba'], names: ['qwen*', 'qwq-*', 'qvq-*'] },
  { vendor: 'z-ai', spellings: ['zai', 'zai-org', 'thudm', 'zhipu'], names: ['glm-*'] },
  { vendor: 'moonshotai', spellings: ['moonshot'], names: ['kimi-*', 'moonshot-*'] },
  { vendor: 'minimax', spellings: ['minimaxai'], names: ['minimax-*'] },
  { vendor: 'cohere', spellings: ['coherelabs'], names: ['command-*', 'c4ai-*'] },
  { vendor: 'perplexity', names: ['sonar', 'sonar-*'] },
  { vendor: 'amazon', names: ['nova-*'] },
  { vendor: 'microsoft', names: ['phi-*'] },
]

/** Names of one model at different places. The first that a provider lists is the one it is sent. */
export const modelSynonyms: readonly (readonly string[])[] = [
  ['claude-3-opus', 'claude-3-opus-20240229', 'anthropic/claude-3-opus'],
  ['claude-3-sonnet', 'claude-3-sonnet-20240229', 'anthropic/claude-3-sonnet'],
  ['claude-3-haiku', 'claude-3-haiku-20240307', 'anthropic/claude-3-haiku'],
  ['claude-3-5-sonnet', 'claude-3-5-sonnet-20241022', 'claude-3-5-sonnet-latest', 'anthropic/claude-3.5-sonnet'],
  ['claude-3-5-haiku', 'claude-3-5-haiku-20241022', 'claude-3-5-haiku-latest', 'anthropic/claude-3.5-haiku'],
  ['claude-3-7-sonnet', 'claude-3-7-sonnet-20250219', 'claude-3-7-sonnet-latest', 'anthropic/claude-3.7-sonnet'],
  ['claude-sonnet-4', 'claude-sonnet-4-20250514', 'claude-sonnet-4-0', 'anthropic/claude-sonnet-4'],
  ['claude-opus-4', 'claude-opus-4-20250514', 'claude-opus-4-0', 'anthropic/claude-opus-4'],
  ['claude-sonnet-4-5', 'claude-sonnet-4-5-20250929', 'anthropic/claude-sonnet-4.5'],
  ['claude-haiku-4-5', 'claude-haiku-4-5-20251001', 'anthropic/claude-haiku-4.5'],
]
