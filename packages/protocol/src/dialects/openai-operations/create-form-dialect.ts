import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Dialect, Peek, RequestChanges } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { splice } from '../../json/splice.ts'
import { boundaryOf } from '../../multipart/form-boundary.ts'
import { createFormScanner, type FormField, type FormScanner } from '../../multipart/form-scanner.ts'
import type { Operation } from '../../operation.ts'
import { createResultTap, type ResultShape } from '../../tap/result-tap.ts'
import { openaiErrors } from '../openai-chat/error.ts'
import { createAnswerTap } from './answer-tap.ts'
import { createOperationStreamTap } from './stream-tap.ts'
import { readUsage } from './usage.ts'

export interface FormDialectOptions {
  readonly id: string
  readonly operation: Operation
  readonly path: string
  /** The array, or with `text` the string, by which a JSON answer is known. */
  readonly member: string
  readonly text?: true
}

/** Remembers where the model's name stands. */
interface FormPeek extends Peek {
  readonly boundary: string
  readonly modelField: FormField | undefined
}

const encoder = new TextEncoder()

/**
 * A dialect of OpenAI's whose requests are forms with files, and that is only ever relayed: the form's bytes with
 * the model's name replaced, the answer's as they come.
 */
export function createFormDialect({ id, operation, path, member, text }: FormDialectOptions): Dialect {
  const shape: ResultShape = {
    member,
    ...(text && { type: 'string' }),
    readUsage,
    readFinishReason: () => undefined,
  }
  return Object.freeze({
    id,
    operation,
    path: () => path,
    served: [path],
    forwardedHeaders: ['content-type'],
    form: { scanner: createScanner, peek: peekForm },
    peek: peekBody,
    patch: patchForm,
    rewrite: (body: Uint8Array, changes: RequestChanges) => joinBytes(patchForm(body, peekBody(body), changes)),
    error: openaiErrors,
    tap: { result: () => createAnswerTap(() => createResultTap(shape)), stream: createOperationStreamTap },
    resultType: undefined,
  })
}

function createScanner(boundary: string): FormScanner {
  return createFormScanner(boundary, ['model'])
}

function peekBody(body: Uint8Array): FormPeek {
  const boundary = boundaryOf(body)
  if (boundary === undefined) throw new SluiceError('invalid_request', 'The body is no multipart/form-data.')
  const scanner = createScanner(boundary)
  scanner.write(body)
  return peekForm(scanner)
}

/** Whether a stream is asked for may be said behind the file; the answer shows it. */
function peekForm(scanner: FormScanner): FormPeek {
  const modelField = scanner.field('model')
  const { boundary } = scanner
  return {
    ...(modelField !== undefined && { model: modelField.value }),
    stream: false,
    usageRequested: false,
    plain: true,
    boundary,
    modelField,
  }
}

function patchForm(body: Uint8Array, peek: Peek, { model }: RequestChanges): readonly Uint8Array[] {
  const { boundary, modelField } = isFormPeek(peek) ? peek : peekBody(body)
  if (modelField !== undefined) return splice(body, [{ ...modelField, bytes: encoder.encode(model) }])
  const part = `--${boundary}\r\nContent-Disposition: form-data; name="model"\r\n\r\n${model}\r\n`
  return [encoder.encode(part), body]
}

function isFormPeek(peek: Peek): peek is FormPeek {
  return 'modelField' in peek
}
