import type { Dialect } from '../../dialect.ts'
import { createOperationDialect } from './create-operation-dialect.ts'

const openaiEmbeddings: Dialect = createOperationDialect({
  id: 'openai-embeddings',
  operation: 'embed',
  path: '/embeddings',
  member: 'data',
})

const openaiModerations: Dialect = createOperationDialect({
  id: 'openai-moderations',
  operation: 'moderate',
  path: '/moderations',
  member: 'results',
  defaultModel: 'omni-moderation-latest',
})

const openaiImages: Dialect = createOperationDialect({
  id: 'openai-images',
  operation: 'image',
  path: '/images/generations',
  member: 'data',
})

const openaiSpeech: Dialect = createOperationDialect({
  id: 'openai-speech',
  operation: 'speech',
  path: '/audio/speech',
})

/** As Cohere, Jina and vLLM have it: `{model, query, documents, top_n}` → `{results: [{index, relevance_score}]}`. */
const jinaRerank: Dialect = createOperationDialect({
  id: 'jina-rerank',
  operation: 'rerank',
  path: '/rerank',
  alsoServed: ['/v2/rerank'],
  member: 'results',
})

/** Every dialect that is only relayed. */
export const relayedDialects: readonly Dialect[] = [
  openaiEmbeddings,
  openaiModerations,
  openaiImages,
  openaiSpeech,
  jinaRerank,
]
