import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'
import { createSluice } from 'sluice'
import { configure, createCore } from 'sluice/core'
import { openaiCompatible } from 'sluice/providers/openai-compatible'

/** One library as an application uses it. Both give the answer's text. */
export interface Client {
  chat(): Promise<string>
  stream(): Promise<string>
}

export type ClientName = 'sluice-core' | 'sluice' | 'openai' | 'ai'

const model = 'fixed'
const messages = [
  { role: 'system' as const, content: 'You are a helpful assistant. Answer in one sentence.' },
  { role: 'user' as const, content: 'What is the capital of France, and how many people live there?' },
]

async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

export const clients: Readonly<Record<ClientName, (baseUrl: string) => Client>> = {
  sluice(baseUrl: string): Client {
    const lab = { type: 'openai_compatible', base_url: baseUrl, api_key: 'key', default_model: model }
    const sluice = createSluice({ providers: { lab } }, { environment: {} })
    return {
      chat: async () => (await sluice.chat({ model: 'lab/fixed', messages })).text,
      stream: () => joined(sluice.stream({ model: 'lab/fixed', messages }).textStream),
    }
  },
  'sluice-core'(baseUrl: string): Client {
    const core = createCore({ providers: [configure(openaiCompatible, { baseUrl, apiKey: 'key' })] })
    return {
      chat: async () => (await core.chat({ model, messages })).text,
      stream: () => joined(core.stream({ model, messages }).textStream),
    }
  },
  openai(baseURL: string): Client {
    const openai = new OpenAI({ baseURL, apiKey: 'key' })
    return {
      chat: async () => (await openai.chat.completions.create({ model, messages })).choices[0]?.message.content ?? '',
      async stream() {
        let text = ''
        // All of them report usage at the end.
        const options = { model, messages, stream: true, stream_options: { include_usage: true } } as const
        for await (const chunk of await openai.chat.completions.create(options))
          text += chunk.choices[0]?.delta.content ?? ''
        return text
      },
    }
  },
  ai(baseURL: string): Client {
    const provider = createOpenAICompatible({ name: 'lab', baseURL, apiKey: 'key', includeUsage: true })
    const [system, user] = messages
    const asked = { model: provider(model), instructions: system!.content, prompt: user!.content }
    return {
      chat: async () => (await generateText(asked)).text,
      stream: () => joined(streamText(asked).textStream),
    }
  },
}
