import type { Dialect } from '../../dialect.ts'
import { openaiEmbeddings } from './embeddings.ts'
import { openaiImageEdits } from './image-edits.ts'
import { openaiImages } from './images.ts'
import { openaiModerations } from './moderations.ts'
import { jinaRerank } from './rerank.ts'
import { openaiSpeech } from './speech.ts'
import { openaiTranscriptions, openaiTranslations } from './transcriptions.ts'

/** What OpenAI's API does besides chat, and reranking as others have it. */
export const openaiOperations: readonly Dialect[] = [
  openaiEmbeddings,
  openaiModerations,
  openaiImages,
  openaiImageEdits,
  openaiSpeech,
  openaiTranscriptions,
  openaiTranslations,
  jinaRerank,
]
