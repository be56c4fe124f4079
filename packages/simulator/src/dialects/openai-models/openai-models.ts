import { jsonAnswer } from '../../answer.ts'
import type { Dialect, ModelEntry, ModelListShape } from '../../dialect.ts'
import { modelId, openaiHttp, unknownModel } from '../openai/http.ts'

/** The list of models and one of them. https://platform.openai.com/docs/api-reference/models */
export const openaiModels: Dialect = {
  ...openaiHttp,
  id: 'openai-models',
  operation: 'models',
  method: 'GET',
  matches: (path) => path.endsWith('/models') || path.includes('/models/'),
  answer(request, context) {
    const path = request.path.split('?', 1)[0] as string
    const models = context.models ?? defaultModels
    if (path.endsWith('/models')) return jsonAnswer(200, list(models, context.modelList))
    const id = decodeURIComponent(path.slice(path.indexOf('/models/') + '/models/'.length))
    const model = models.find((entry) => modelId(entry) === id)
    if (model === undefined) throw unknownModel(id)
    return jsonAnswer(200, row(model))
  },
}

/** What the list shows when any model is served. */
const defaultModels: readonly ModelEntry[] = ['simulated-model']

/** 2026-01-01: a fixed time, so that lists compare equal. */
const created = 1_767_225_600

function row(entry: ModelEntry): unknown {
  return {
    id: modelId(entry),
    object: 'model',
    created,
    owned_by: 'simulator',
    ...(typeof entry === 'string' ? {} : entry),
  }
}

function list(models: readonly ModelEntry[], shape: ModelListShape): unknown {
  switch (shape) {
    case 'list':
      return { object: 'list', data: models.map(row) }
    case 'data':
      return { data: models.map(row) }
    case 'models':
      return { models: models.map((entry) => ({ name: modelId(entry), ...(row(entry) as object) })) }
    case 'array':
      return models.map(row)
    case 'strings':
      return models.map(modelId)
  }
}
