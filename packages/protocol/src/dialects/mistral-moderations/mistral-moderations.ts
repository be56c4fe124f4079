import type { CodecContext, Dialect, ModerateDialect } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { ModerateRequest, ModerateResult, Verdict } from '../../ir/moderate.ts'
import { ownExtensions } from '../../ir/own-extensions.ts'
import { textsToJudge, verdictsFor } from '../../ir/verdicts.ts'
import { isArray, isBoolean, isNumber, isRecord, isString, WireFields } from '../../json/wire-object.ts'
import { createOperationDialect } from '../openai-operations/create-operation-dialect.ts'
import { readUsage } from '../openai-operations/usage.ts'

const dialectId = 'mistral-moderations'
const extensions = ownExtensions(dialectId)

const relayed = unserved(
  createOperationDialect({
    id: dialectId,
    operation: 'moderate',
    path: '/moderations',
    member: 'results',
    streams: false,
  }),
)

/**
 * Mistral's moderations. Not served: Mistral's clients ask at the path of OpenAI's, and read its answers as well.
 * https://docs.mistral.ai/capabilities/guardrailing
 */
export const mistralModerations: ModerateDialect = Object.freeze<ModerateDialect>({
  ...relayed,
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
})

function unserved({ served: _, ...dialect }: Dialect): Omit<Dialect, 'served'> {
  return dialect
}

function decodeRequest(wire: unknown): ModerateRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The request must be a JSON object.')
  const fields = new WireFields(wire)
  const input = fields.take('input', (value): value is string | readonly string[] => isString(value) || areTexts(value))
  if (input === undefined || input.length === 0)
    throw new SluiceError('invalid_request', '`input` must be a string or an array of strings.', { param: 'input' })
  const model = fields.take('model', isString) ?? ''
  return {
    model,
    inputs: isString(input) ? [input] : input,
    ...(isString(input) && { bare: true }),
    ...extensions.keep(fields.rest()),
  }
}

function encodeRequest(request: ModerateRequest, context: CodecContext): unknown {
  const known = extensions.kept(request.extensions, context)
  const texts = textsToJudge(request.inputs)
  return { model: request.model, input: request.bare === true ? texts[0] : texts, ...known }
}

/** Mistral's word → OpenAI's, where both mean the same; the others keep their own. */
const words: ReadonlyMap<string, string> = new Map([
  ['hate_and_discrimination', 'hate'],
  ['violence_and_threats', 'violence'],
  ['dangerous_and_criminal_content', 'illicit'],
  ['selfharm', 'self-harm'],
])
const ownWords: ReadonlyMap<string, string> = new Map([...words].map(([own, other]) => [other, own]))

function renamed<T>(members: Readonly<Record<string, T>>, names: ReadonlyMap<string, string>): Record<string, T> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [names.get(name) ?? name, value]))
}

/** Flagged is what falls into any category. @throws SluiceError `upstream_invalid_response` */
function decodeResult(wire: unknown): ModerateResult {
  const results = isRecord(wire) ? wire['results'] : undefined
  if (!isRecord(wire) || !isArray(results)) throw unreadable()
  const fields = new WireFields(wire)
  fields.skip('results')
  const id = fields.take('id', isString)
  const model = fields.take('model', isString)
  const usage = readUsage(wire['usage'])
  return {
    ...(id !== undefined && { id }),
    ...(model !== undefined && { model }),
    verdicts: results.map(decodeVerdict),
    ...(usage !== undefined && { usage }),
    ...extensions.keep(fields.rest()),
  }
}

function decodeVerdict(wire: unknown): Verdict {
  if (!isRecord(wire)) throw unreadable()
  const { categories, category_scores: scores } = wire
  if (!isRecordOf(categories, isBoolean) || !isRecordOf(scores, isNumber)) throw unreadable()
  return {
    flagged: Object.values(categories).includes(true),
    categories: renamed(categories, words),
    scores: renamed(scores, words),
  }
}

function encodeResult(result: ModerateResult, _context: CodecContext, request: ModerateRequest): unknown {
  return {
    id: result.id ?? 'mod',
    model: result.model ?? request.model,
    results: verdictsFor(result, request).map(({ categories, scores }) => ({
      categories: renamed(categories, ownWords),
      category_scores: renamed(scores, ownWords),
    })),
    ...extensions.own(result.extensions),
  }
}

function areTexts(value: unknown): value is readonly string[] {
  return isArray(value) && value.every(isString)
}

function isRecordOf<T>(value: unknown, is: (member: unknown) => member is T): value is Readonly<Record<string, T>> {
  return isRecord(value) && Object.values(value).every(is)
}

function unreadable(): SluiceError {
  return new SluiceError('upstream_invalid_response', "The answer holds no verdicts in Mistral's form.")
}
