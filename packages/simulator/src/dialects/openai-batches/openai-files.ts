import { type Answer, jsonAnswer } from '../../answer.ts'
import type { Dialect, DialectContext } from '../../dialect.ts'
import { RequestRefused } from '../../dialect.ts'
import type { RecordedRequest } from '../../recording.ts'
import { openaiHttp } from '../openai/http.ts'
import { fieldOf, readForm } from '../openai-operations/read-form.ts'
import { missing } from '../openai-operations/refuse.ts'
import type { ShelvedFile } from './shelf.ts'

/** https://platform.openai.com/docs/api-reference/files */
export const openaiFiles: Dialect = {
  ...openaiHttp,
  id: 'openai-files',
  operation: 'files',
  method: '*',
  matches: (path) => /\/files(\/[^/]+(\/content)?)?$/.test(path),
  answer(request, context) {
    const path = request.path.split('?', 1)[0] as string
    const [, id, content] = /\/files\/([^/]+)(\/content)?$/.exec(path) ?? []
    if (id === undefined) return request.method === 'POST' ? create(request, context) : list(context)
    const file = context.shelf.files.get(id)
    if (file === undefined)
      throw new RequestRefused({ status: 404, message: `No such File object: ${id}`, param: 'id' })
    if (request.method === 'DELETE') {
      context.shelf.files.delete(id)
      return jsonAnswer(200, { id, object: 'file', deleted: true })
    }
    if (content === undefined) return jsonAnswer(200, objectOf(file))
    return { status: 200, contentType: 'application/octet-stream', body: { kind: 'whole', bytes: file.content } }
  },
}

function create(request: RecordedRequest, { identity, shelf }: DialectContext): Answer {
  const parts = readForm(request)
  const purpose = fieldOf(parts, 'purpose') ?? missing('purpose')
  const sent = parts.find(({ name, filename }) => name === 'file' && filename !== undefined) ?? missing('file')
  const file = { id: identity.id('file-'), filename: sent.filename ?? '', purpose, content: Buffer.from(sent.content) }
  shelf.files.set(file.id, file)
  return jsonAnswer(200, objectOf(file))
}

function list({ shelf }: DialectContext): Answer {
  const data = [...shelf.files.values()].toReversed().map(objectOf)
  return jsonAnswer(200, { object: 'list', data, has_more: false })
}

function objectOf({ id, filename, purpose, content }: ShelvedFile): unknown {
  return { id, object: 'file', bytes: content.length, created_at: created, filename, purpose, status: 'processed' }
}

/** 2026-01-01: a fixed time, so that objects compare equal. */
const created = 1_767_225_600
