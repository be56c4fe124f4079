import type { RerankDialect } from './dialect.ts'
import { cohereRerank } from './dialects/cohere-rerank/cohere-rerank.ts'
import { jinaRerank } from './dialects/jina-rerank/jina-rerank.ts'

/** Every dialect of reranking: a new one is its folder and its line here. */
export const rerankDialects: readonly RerankDialect[] = [jinaRerank, cohereRerank]
