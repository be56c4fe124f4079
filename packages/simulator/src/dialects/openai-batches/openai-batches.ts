import { type Answer, jsonAnswer } from '../../answer.ts'
import type { Dialect, DialectContext } from '../../dialect.ts'
import { RequestRefused } from '../../dialect.ts'
import type { RecordedRequest } from '../../recording.ts'
import { openaiHttp } from '../openai/http.ts'
import { replyTo } from '../openai-operations/ask.ts'
import { isObject, missing, readObject, refuse, type WireObject } from '../openai-operations/refuse.ts'
import type { ShelvedBatch } from './shelf.ts'

/**
 * A batch is a step further each time it is asked for: in progress, then completed. Of chats the answers are those
 * that a live request would get. https://platform.openai.com/docs/api-reference/batch
 */
export const openaiBatches: Dialect = {
  ...openaiHttp,
  id: 'openai-batches',
  operation: 'batches',
  method: '*',
  matches: (path) => /(?<!\/messages)\/batches(\/[^/]+(\/cancel)?)?$/.test(path),
  answer(request, context) {
    const path = request.path.split('?', 1)[0] as string
    const [, id, cancel] = /\/batches\/([^/]+)(\/cancel)?$/.exec(path) ?? []
    const { batches } = context.shelf
    if (id === undefined) {
      if (request.method === 'POST') return create(request, context)
      const data = [...batches.values()].toReversed().map(objectOf)
      return jsonAnswer(200, { object: 'list', data, has_more: false })
    }
    const batch = batches.get(id)
    if (batch === undefined) throw new RequestRefused({ status: 404, message: `No batch found with id '${id}'.` })
    if (cancel === undefined) advance(batch, context)
    else if (batch.status === 'completed') refuse(`Cannot cancel a batch with status '${batch.status}'.`)
    else batch.status = 'cancelling'
    return jsonAnswer(200, objectOf(batch))
  },
}

function create(request: RecordedRequest, { identity, shelf }: DialectContext): Answer {
  const wire = readObject(request)
  const { input_file_id: inputFileId, endpoint, completion_window: completionWindow } = wire
  if (typeof inputFileId !== 'string') missing('input_file_id')
  if (typeof endpoint !== 'string') missing('endpoint')
  if (typeof completionWindow !== 'string') missing('completion_window')
  const input = shelf.files.get(inputFileId)
  if (input === undefined) refuse(`Invalid file ID: ${inputFileId}`, 'input_file_id')
  const batch: ShelvedBatch = {
    id: identity.id('batch_'),
    endpoint,
    inputFileId,
    completionWindow,
    metadata: wire['metadata'] ?? null,
    status: 'validating',
    outputFileId: undefined,
    total: input.content.toString().trimEnd().split('\n').length,
  }
  shelf.batches.set(batch.id, batch)
  return jsonAnswer(200, objectOf(batch))
}

function advance(batch: ShelvedBatch, context: DialectContext): void {
  if (batch.status === 'validating') batch.status = 'in_progress'
  else if (batch.status === 'cancelling') batch.status = 'cancelled'
  else if (batch.status === 'in_progress') {
    batch.status = 'completed'
    batch.outputFileId = writeOutput(batch, context)
  }
}

function writeOutput(batch: ShelvedBatch, context: DialectContext): string {
  const { identity, shelf } = context
  const lines = shelf.files.get(batch.inputFileId)?.content.toString().trimEnd().split('\n') ?? []
  const output = lines.map((text) => {
    const line = JSON.parse(text) as WireObject
    const response = { status_code: 200, request_id: identity.id('req_'), body: answerTo(line['body'], context) }
    return `${JSON.stringify({ id: identity.id('batch_req_'), custom_id: line['custom_id'], response, error: null })}\n`
  })
  const id = identity.id('file-')
  const content = Buffer.from(output.join(''))
  shelf.files.set(id, { id, filename: `${batch.id}_output.jsonl`, purpose: 'batch_output', content })
  return id
}

/** As a chat: a batch of anything else has answers of this shape too. */
function answerTo(body: unknown, context: DialectContext): unknown {
  const { model, messages } = (isObject(body) ? body : {}) as { model?: unknown; messages?: unknown }
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined
  const said = isObject(last) && typeof last['content'] === 'string' ? last['content'] : ''
  const reply = replyTo(context, { model: String(model), said })
  const message = { role: 'assistant', content: reply.choices[0]?.text?.join('') ?? null }
  return {
    id: context.identity.id('chatcmpl-'),
    object: 'chat.completion',
    created,
    model: reply.model,
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: reply.usage?.input ?? 0,
      completion_tokens: reply.usage?.output ?? 0,
      total_tokens: (reply.usage?.input ?? 0) + (reply.usage?.output ?? 0),
    },
  }
}

function objectOf(batch: ShelvedBatch): unknown {
  const { id, endpoint, inputFileId, completionWindow, metadata, status, outputFileId, total } = batch
  return {
    id,
    object: 'batch',
    endpoint,
    errors: null,
    input_file_id: inputFileId,
    completion_window: completionWindow,
    status,
    output_file_id: outputFileId ?? null,
    error_file_id: null,
    created_at: created,
    expires_at: created + 86_400,
    request_counts: { total, completed: status === 'completed' ? total : 0, failed: 0 },
    metadata,
  }
}

/** 2026-01-01: a fixed time, so that objects compare equal. */
const created = 1_767_225_600
