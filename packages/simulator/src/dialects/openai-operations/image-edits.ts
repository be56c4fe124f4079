import type { Dialect } from '../../dialect.ts'
import { openaiHttp } from '../openai/http.ts'
import { imageAnswer } from './images.ts'
import { fieldOf, readForm } from './read-form.ts'
import { missing, readInteger, readModel, readText } from './refuse.ts'

/** https://platform.openai.com/docs/api-reference/images/createEdit */
export const openaiImageEdits: Dialect = {
  ...openaiHttp,
  id: 'openai-image-edits',
  operation: 'image',
  method: 'POST',
  matches: (path) => path.endsWith('/images/edits'),
  answer(request, context) {
    const parts = readForm(request)
    const model = readModel({ model: fieldOf(parts, 'model') })
    const prompt = readText(fieldOf(parts, 'prompt'), 'prompt')
    const images = parts.filter(({ name, filename }) => /^image(\[\d*\])?$/.test(name) && filename !== undefined)
    if (images.length === 0) missing('image')
    const n = fieldOf(parts, 'n')
    const count = readInteger(n === undefined ? undefined : Number(n), 'n', 1, 10) ?? 1
    return imageAnswer({ model, prompt, count, format: 'b64_json', imageTokens: 10 * images.length }, context)
  },
}
