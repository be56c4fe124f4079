import { jsonAnswer } from '../../answer.ts'
import { type Dialect, RequestRefused } from '../../dialect.ts'
import { words } from '../../reply/fragments.ts'
import { geminiGenerate } from '../gemini-generate/gemini-generate.ts'
import { modelId } from '../openai/http.ts'
import { replyTo } from '../openai-operations/ask.ts'
import { isObject, readObject, type WireObject } from '../openai-operations/refuse.ts'
import { vectorOf } from '../openai-operations/vectors.ts'

/** Google's embeddings, of one content and of several. https://ai.google.dev/api/embeddings */
export const geminiEmbed: Dialect = {
  ...geminiGenerate,
  id: 'gemini-embed',
  operation: 'embed',
  matches: (path) => verb.test(path),
  answer(request, context) {
    const [, name = '', method] = verb.exec(request.path.split('?', 1)[0] ?? '') ?? []
    const model = decodeURIComponent(name)
    if (context.models?.some((entry) => modelId(entry) === model) === false) {
      const message = `models/${model} is not found for API version v1beta, or is not supported for embedContent.`
      throw new RequestRefused({ status: 404, message })
    }
    const wire = readObject(request)
    const batch = method === 'batchEmbedContents'
    const requests: readonly unknown[] = batch && Array.isArray(wire['requests']) ? wire['requests'] : [wire]
    if (requests.length > 100) refuse('at most 100 requests can be in one batch')
    const items = requests.map((item) => readItem(item, model, batch))
    const tokens = items.reduce((sum, { text }) => sum + words(text).length, 0)
    const { usage } = replyTo(context, { model, said: '', tokens })
    const embeddings = items.map(({ text, dimensions }) => ({ values: [...vectorOf(text, dimensions)] }))
    return jsonAnswer(200, {
      ...(batch ? { embeddings } : { embedding: embeddings[0] }),
      ...(usage !== undefined && { usageMetadata: { promptTokenCount: usage.input } }),
    })
  },
}

const verb = /\/models\/([^?]+):(embedContent|batchEmbedContents)$/

function readItem(
  item: unknown,
  model: string,
  batch: boolean,
): { readonly text: string; readonly dimensions: number } {
  const wire: WireObject = isObject(item) ? item : {}
  if (batch && wire['model'] !== `models/${model}`) refuse(`the model in a request must be models/${model}`)
  const content = isObject(wire['content']) ? wire['content']['parts'] : undefined
  if (!Array.isArray(content) || content.length === 0) refuse('content must have parts')
  const { outputDimensionality = 3072, taskType } = wire
  if (typeof outputDimensionality !== 'number') refuse('outputDimensionality must be an integer')
  if (taskType !== undefined && !taskTypes.includes(taskType))
    refuse(`Invalid value at 'task_type': ${JSON.stringify(taskType)}`)
  const [part] = content as unknown[]
  const text = isObject(part) && content.length === 1 ? part['text'] : undefined
  return { text: typeof text === 'string' ? text : JSON.stringify(content), dimensions: outputDimensionality }
}

const taskTypes: readonly unknown[] = [
  'TASK_TYPE_UNSPECIFIED',
  'RETRIEVAL_QUERY',
  'RETRIEVAL_DOCUMENT',
  'SEMANTIC_SIMILARITY',
  'CLASSIFICATION',
  'CLUSTERING',
  'QUESTION_ANSWERING',
  'FACT_VERIFICATION',
  'CODE_RETRIEVAL_QUERY',
]

function refuse(message: string): never {
  throw new RequestRefused({ status: 400, message })
}
