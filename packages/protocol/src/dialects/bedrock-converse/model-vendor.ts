/** What the models of one vendor take on Bedrock, as its user guide has it ("Supported models and model features"). */
export interface ModelVendor {
  /** How reasoning is asked for. */
  readonly reasoning: 'claude' | 'nova' | 'effort' | 'unknown'
  /** `outputConfig.textFormat`. */
  readonly schemas: boolean
  readonly cachePoints: boolean
  /** Ids of tool calls have exactly this many letters and digits. */
  readonly toolIdLength?: number
}

const plain: ModelVendor = { reasoning: 'unknown', schemas: true, cachePoints: false }

const vendors: ReadonlyMap<string, ModelVendor> = new Map([
  ['anthropic', { ...plain, reasoning: 'claude', cachePoints: true }],
  ['amazon', { ...plain, reasoning: 'nova', schemas: false, cachePoints: true }],
  ['openai', { ...plain, reasoning: 'effort' }],
  ['mistral', { ...plain, toolIdLength: 9 }],
  ['meta', { ...plain, schemas: false }],
  ['cohere', { ...plain, schemas: false }],
  ['ai21', { ...plain, schemas: false }],
  ['writer', { ...plain, schemas: false }],
  ...['deepseek', 'google', 'minimax', 'moonshot', 'moonshotai', 'nvidia', 'qwen', 'zai'].map(
    (name) => [name, plain] as const,
  ),
])

/** What an id does not tell, such as that of an inference profile of the user's own, is given the benefit of the doubt. */
const unknown: ModelVendor = { ...plain, cachePoints: true }

/** By a model's id, an inference profile's, or an ARN that ends in one of them: `us.anthropic.claude-sonnet-5-5`. */
export function vendorOf(model: string): ModelVendor {
  const name = model.slice(model.lastIndexOf('/') + 1)
  for (const word of name.split('.')) {
    const vendor = vendors.get(word)
    if (vendor !== undefined) return vendor
  }
  return name.startsWith('claude-') ? vendors.get('anthropic')! : unknown
}
