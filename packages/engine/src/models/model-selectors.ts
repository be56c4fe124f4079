/**
 * Names that stand for a kind of model, and the models of that kind, best first. The most preferred provider
 * that lists one of them serves it, under the name that it knows it by; where none does, the default provider's
 * default model is taken. Config's `tiers` and `tasks` replace entries.
 *
 * Sources: the makers' own comparisons of their models, November 2026.
 */
export const modelSelectors: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'tier:fast',
    [
      'gpt-6-luna',
      'claude-haiku-5-5',
      'claude-haiku-4-5',
      'gemini-3.5-flash-lite',
      'mistral-small-latest',
      'deepseek-v4-flash',
      'grok-4.20-non-reasoning',
      'qwen3.8-flash',
      'glm-5.3-flash',
      'gpt-oss-20b',
      'kimi-k2.5',
      'MiniMax-M2.7-highspeed',
      'sonar',
      'command-r7b-12-2024',
      'llama-3.1-8b-instant',
    ],
  ],
  [
    'tier:balanced',
    [
      'gpt-6-sol',
      'claude-sonnet-5-5',
      'claude-sonnet-5',
      'gemini-3.8-flash',
      'mistral-medium-latest',
      'deepseek-flash',
      'deepseek-v4-flash',
      'grok-4.5',
      'qwen3.7-plus',
      'glm-5.3',
      'kimi-k2.6',
      'MiniMax-M2.7',
      'sonar-pro',
      'command-a-03-2025',
      'gpt-oss-120b',
    ],
  ],
  [
    'tier:powerful',
    [
      'gpt-6-astra',
      'claude-opus-5-5',
      'claude-fable-5-2',
      'gemini-4-carbon',
      'gemini-2.5-pro',
      'mistral-large-latest',
      'deepseek-v4-pro',
      'grok-4.7',
      'qwen3.8-max',
      'glm-5.3',
      'kimi-k3',
      'MiniMax-M3',
      'sonar-reasoning-pro',
      'command-a-plus-05-2026',
      'gpt-oss-120b',
    ],
  ],
  ['task:simple', ['tier:fast']],
  ['task:complex', ['tier:powerful']],
  ['task:code', ['tier:powerful']],
  ['task:research', ['tier:powerful']],
])
