/**
 * What an entry of a provider's list says that the model can do: `chat`, `tools`, `json-schema`, `vision`,
 * `audio`, `reasoning`, `embeddings`. Empty when it does not tell, which means unknown, not nothing.
 *
 * Sources: OpenRouter (`supported_parameters`, `architecture`), Mistral (`capabilities`), Moonshot
 * (`supports_*`), Gemini (`supportedGenerationMethods`), Together (`type`).
 */
export function readCapabilities(item: Readonly<Record<string, unknown>>): readonly string[] {
  const said = new Set<string>()
  collect(item['supported_parameters'], said)
  collect(item['supportedGenerationMethods'], said)
  collect(item['capabilities'], said)
  collect(item['architecture'], said)
  if (typeof item['type'] === 'string') said.add(item['type'])
  for (const [key, value] of Object.entries(item)) if (key.startsWith('supports_') && value === true) said.add(key)
  return rows.filter(({ words }) => words.some((word) => said.has(word))).map(({ capability }) => capability)
}

const rows: readonly { readonly capability: string; readonly words: readonly string[] }[] = [
  { capability: 'chat', words: ['chat', 'completion_chat', 'generateContent'] },
  { capability: 'tools', words: ['tools', 'function_calling', 'tool_use', 'supports_tools'] },
  { capability: 'json-schema', words: ['structured_outputs', 'json_schema', 'supports_json_schema'] },
  { capability: 'vision', words: ['input:image', 'vision', 'supports_image_in', 'supports_vision'] },
  { capability: 'audio', words: ['input:audio', 'audio', 'supports_audio_in'] },
  { capability: 'reasoning', words: ['reasoning', 'thinking', 'supports_reasoning'] },
  { capability: 'embeddings', words: ['embedding', 'embeddings', 'embedContent'] },
]

/** Texts of an array, keys that are `true`, and OpenRouter's input modalities as `input:image`. */
function collect(value: unknown, said: Set<string>): void {
  if (Array.isArray(value)) {
    for (const word of value.slice(0, 100)) if (typeof word === 'string') said.add(word)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (inner === true) said.add(key)
      if (key === 'input_modalities' && Array.isArray(inner)) for (const word of inner) said.add(`input:${word}`)
    }
  }
}
