/** What models of a family can do, by patterns of bare names in lower case; see `fitsPatterns`. */
export interface ModelFamily {
  readonly names: readonly string[]
  /** In the words of `readCapabilities`. */
  readonly capabilities: readonly string[]
  /** Tokens. */
  readonly maxOutput?: number
}

const chat = ['chat', 'streaming', 'tools', 'json-schema']
const seeing = [...chat, 'vision']
const thinking = [...chat, 'reasoning']
const all = [...seeing, 'reasoning']

/**
 * For models of which neither config nor the provider's list tells it. The first family that fits counts; of
 * a model in none, nothing is known. After the makers' documentation, November 2026.
 */
export const modelFamilies: readonly ModelFamily[] = [
  { names: ['*embed*', 'bge-*', 'gte-*', 'e5-*', 'voyage-*'], capabilities: ['embeddings'] },
  { names: ['*rerank*'], capabilities: ['rerank'] },
  { names: ['*moderation*', '*llama-guard*', '*safeguard*'], capabilities: ['moderation'] },
  { names: ['whisper*', '*transcribe*', 'voxtral-*-transcribe*'], capabilities: ['transcription'] },
  { names: ['tts-*', '*-tts', '*-tts-*', 'gpt-live-*'], capabilities: ['speech'] },
  { names: ['dall-e-*', 'gpt-image-*', 'chatgpt-image-*', 'imagen-*', 'flux*'], capabilities: ['image'] },
  {
    names: ['gpt-4o-audio*', 'gpt-4o-mini-audio*', 'gpt-audio*'],
    capabilities: ['chat', 'streaming', 'tools', 'audio'],
    maxOutput: 16_384,
  },
  { names: ['gpt-4o-2024-05-13', 'gpt-4-turbo*', 'gpt-4-*-preview'], capabilities: seeing, maxOutput: 4096 },
  { names: ['gpt-4o*', 'gpt-4.5*', 'chatgpt-4o*', 'gpt-5*-chat-latest'], capabilities: seeing, maxOutput: 16_384 },
  { names: ['gpt-4.1*'], capabilities: seeing, maxOutput: 32_768 },
  { names: ['gpt-4', 'gpt-4-*'], capabilities: ['chat', 'streaming', 'tools'], maxOutput: 8192 },
  { names: ['gpt-3.5-turbo*', '!*instruct*'], capabilities: ['chat', 'streaming', 'tools'], maxOutput: 4096 },
  { names: ['gpt-3.5-turbo-instruct*'], capabilities: ['streaming'], maxOutput: 4096 },
  { names: ['davinci-*', 'babbage-*'], capabilities: ['streaming'], maxOutput: 16_384 },
  { names: ['o1-mini*'], capabilities: ['chat', 'streaming', 'reasoning'], maxOutput: 65_536 },
  { names: ['o1-preview*'], capabilities: ['chat', 'streaming', 'reasoning'], maxOutput: 32_768 },
  { names: ['o3-mini*'], capabilities: thinking, maxOutput: 100_000 },
  { names: ['o1', 'o1-*', 'o3', 'o3-*', 'o4-*'], capabilities: all, maxOutput: 100_000 },
  { names: ['gpt-5-pro*'], capabilities: all, maxOutput: 272_000 },
  { names: ['gpt-5*', 'gpt-6*'], capabilities: all, maxOutput: 128_000 },
  { names: ['gpt-oss*'], capabilities: thinking, maxOutput: 131_072 },
  { names: ['claude-3-5*', 'claude-3.5*', 'claude-3-opus*'], capabilities: ['chat', 'streaming', 'tools', 'vision'] },
  {
    names: ['claude-3-sonnet*', 'claude-3-haiku*'],
    capabilities: ['chat', 'streaming', 'tools', 'vision'],
    maxOutput: 4096,
  },
  {
    names: ['claude-3-7*', 'claude-3.7*', 'claude-sonnet-4', 'claude-sonnet-4-2*', 'claude-sonnet-4-0'],
    capabilities: ['chat', 'streaming', 'tools', 'vision', 'reasoning'],
    maxOutput: 64_000,
  },
  { names: ['claude-*'], capabilities: all },
  { names: ['gemini-*-image*', 'gemini-nano-banana*'], capabilities: ['chat', 'streaming', 'vision', 'image'] },
  {
    names: ['gemini-2.5*', 'gemini-3*', 'gemini-4*', 'gemini-flash-*', 'gemini-pro-*'],
    capabilities: [...all, 'audio'],
    maxOutput: 65_536,
  },
  { names: ['gemini-2.0*', 'gemini-1.5*'], capabilities: [...seeing, 'audio'], maxOutput: 8192 },
  {
    names: ['gemma-3*', 'gemma-4*', 'gemma3*', 'gemma4*'],
    capabilities: ['chat', 'streaming', 'vision', 'json-schema'],
  },
  { names: ['pixtral-*', 'mistral-medium*', 'mistral-small*', 'mistral-large*', 'ministral-*'], capabilities: seeing },
  { names: ['magistral-*'], capabilities: all },
  { names: ['codestral-*', 'devstral-*', 'mistral-*', 'mixtral-*', 'open-mi*'], capabilities: chat },
  { names: ['deepseek-*reasoner*', 'deepseek-r1*'], capabilities: ['chat', 'streaming', 'reasoning'] },
  { names: ['deepseek-flash*', 'deepseek-v4*', 'deepseek-v3.*'], capabilities: thinking },
  { names: ['deepseek-*'], capabilities: ['chat', 'streaming', 'tools'] },
  { names: ['grok-*non-reasoning*'], capabilities: seeing },
  { names: ['grok-4*', 'grok-latest'], capabilities: all },
  { names: ['grok-*'], capabilities: chat },
  { names: ['qwen*-vl*', 'qwen3.*', 'qvq-*'], capabilities: all },
  { names: ['qwen*thinking*', 'qwq-*'], capabilities: thinking },
  { names: ['qwen*'], capabilities: chat },
  { names: ['glm-*v', 'glm-*v-*'], capabilities: all },
  { names: ['glm-4.5*', 'glm-4.6*', 'glm-4.7*', 'glm-5*'], capabilities: thinking },
  { names: ['kimi-k2.5*', 'kimi-k2.6*', 'kimi-k3*'], capabilities: all },
  { names: ['kimi-*thinking*', 'kimi-k2.7*'], capabilities: thinking },
  { names: ['kimi-*', 'moonshot-*'], capabilities: chat },
  { names: ['minimax-m*'], capabilities: thinking },
  {
    names: ['sonar-reasoning*', 'sonar-deep-research*'],
    capabilities: ['chat', 'streaming', 'json-schema', 'reasoning'],
  },
  { names: ['sonar*'], capabilities: ['chat', 'streaming', 'json-schema', 'vision'] },
  { names: ['command-a-vision*'], capabilities: ['chat', 'streaming', 'json-schema', 'vision'] },
  { names: ['command-a-reasoning*'], capabilities: thinking },
  { names: ['command-*'], capabilities: chat },
  {
    names: ['llama-4*', 'llama-3.2-11b*', 'llama-3.2-90b*', 'llava*'],
    capabilities: ['chat', 'streaming', 'tools', 'vision'],
  },
  { names: ['llama*', 'meta-llama-3*', '*nemotron*'], capabilities: ['chat', 'streaming', 'tools'] },
  {
    names: ['nova-lite*', 'nova-pro*', 'nova-premier*', 'nova-2*'],
    capabilities: ['chat', 'streaming', 'tools', 'vision'],
  },
]
