import type { Dialect } from '../../dialect.ts'
import { createFormDialect } from './create-form-dialect.ts'
import { createOperationDialect } from './create-operation-dialect.ts'

export const openaiImages: Dialect = createOperationDialect({
  id: 'openai-images',
  operation: 'image',
  path: '/images/generations',
  member: 'data',
})

export const openaiSpeech: Dialect = createOperationDialect({
  id: 'openai-speech',
  operation: 'speech',
  path: '/audio/speech',
})

export const openaiTranscriptions: Dialect = createFormDialect({
  id: 'openai-transcriptions',
  operation: 'transcribe',
  path: '/audio/transcriptions',
  member: 'text',
  text: true,
})

export const openaiTranslations: Dialect = createFormDialect({
  id: 'openai-translations',
  operation: 'transcribe',
  path: '/audio/translations',
  member: 'text',
  text: true,
})

export const openaiImageEdits: Dialect = createFormDialect({
  id: 'openai-image-edits',
  operation: 'image',
  path: '/images/edits',
  member: 'data',
})

/** Every dialect that is only relayed. */
export const relayedDialects: readonly Dialect[] = [
  openaiImages,
  openaiSpeech,
  openaiTranscriptions,
  openaiTranslations,
  openaiImageEdits,
]
