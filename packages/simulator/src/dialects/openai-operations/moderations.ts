import { jsonAnswer } from '../../answer.ts'
import type { Dialect } from '../../dialect.ts'
import { openaiHttp, requireModel } from '../openai/http.ts'
import { isObject, missing, readModel, readObject, refuse } from './refuse.ts'

/** Flags a category that its input names; models of Mistral's as Mistral does. https://platform.openai.com/docs/api-reference/moderations */
export const openaiModerations: Dialect = {
  ...openaiHttp,
  id: 'openai-moderations',
  operation: 'moderate',
  method: 'POST',
  matches: (path) => path.endsWith('/moderations'),
  answer(request, context) {
    const wire = readObject(request)
    const model = readModel(wire, 'omni-moderation-latest')
    const inputs = readInputs(wire['input'])
    requireModel(model, context.models)
    const judged = model.startsWith('mistral-') ? inputs.map(judgeAsMistral) : inputs.map(judge)
    return jsonAnswer(200, { id: context.identity.id('modr-'), model, results: judged })
  },
}

interface Input {
  readonly text: string
  readonly image: boolean
}

/** A text, texts of a result each, or parts of one input. */
function readInputs(value: unknown): readonly Input[] {
  if (value === undefined || value === null) missing('input')
  if (typeof value === 'string') return [{ text: value, image: false }]
  if (!Array.isArray(value) || value.length === 0)
    refuse("Invalid type for 'input': expected a string or a non-empty array.", 'input', 'invalid_type')
  if (value.every((entry) => typeof entry === 'string')) return value.map((text) => ({ text, image: false }))
  const parts = value.map((part: unknown, index) => {
    if (isObject(part) && part['type'] === 'text' && typeof part['text'] === 'string')
      return { text: part['text'], image: false }
    if (isObject(part) && part['type'] === 'image_url' && isObject(part['image_url'])) return { text: '', image: true }
    return refuse(`Invalid value for 'input[${index}]'.`, `input[${index}]`, 'invalid_value')
  })
  return [{ text: parts.map(({ text }) => text).join(' '), image: parts.some(({ image }) => image) }]
}

function judge({ text, image }: Input): unknown {
  const found = categories.map((category) => [category, text.toLowerCase().includes(category)] as const)
  const applied = [...(text === '' ? [] : ['text']), ...(image ? ['image'] : [])]
  return {
    flagged: found.some(([, flagged]) => flagged),
    categories: Object.fromEntries(found),
    category_scores: Object.fromEntries(found.map(([category, flagged]) => [category, flagged ? 0.98 : 0.0001])),
    category_applied_input_types: Object.fromEntries(categories.map((category) => [category, applied])),
  }
}

/** https://docs.mistral.ai/capabilities/guardrailing */
function judgeAsMistral({ text, image }: Input): unknown {
  if (image) refuse('Input should be a valid string', 'input', 'invalid_type')
  const found = mistralCategories.map(([category, word]) => [category, text.toLowerCase().includes(word)] as const)
  return {
    categories: Object.fromEntries(found),
    category_scores: Object.fromEntries(found.map(([category, flagged]) => [category, flagged ? 0.98 : 0.0001])),
  }
}

const mistralCategories = [
  ['sexual', 'sexual'],
  ['hate_and_discrimination', 'hate'],
  ['violence_and_threats', 'violence'],
  ['dangerous_and_criminal_content', 'illicit'],
  ['selfharm', 'self-harm'],
  ['health', 'health'],
  ['financial', 'financial'],
  ['law', 'law'],
  ['pii', 'pii'],
] as const

const categories = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/intent',
  'self-harm/instructions',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
] as const
