import { describeEmbedDialect } from '../../contracts/embed-dialect-contract.ts'
import { ollamaEmbed } from './ollama-embed.ts'

const model = 'nomic-embed-text'

describeEmbedDialect(ollamaEmbed, {
  model,
  requests: {
    text: { model, input: 'Oslo' },
    texts: {
      model,
      input: ['Oslo', 'Bergen'],
      truncate: false,
      dimensions: 128,
      keep_alive: '5m',
      options: { num_ctx: 512 },
    },
    'cut at the end': { model, input: [''], truncate: true, keep_alive: 0 },
  },
  results: {
    vectors: {
      request: { model, input: ['a', 'b'] },
      answer: {
        model,
        embeddings: [
          [0.1, 0.2],
          [0.3, 0.4],
        ],
        total_duration: 14,
        load_duration: 1,
        prompt_eval_count: 8,
      },
    },
    'no counts': { request: { model, input: 'a' }, answer: { model, embeddings: [[1]] } },
  },
  unreadable: [null, {}, { embeddings: {} }, { embeddings: [1] }, { embedding: [1] }],
})
