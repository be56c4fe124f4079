import { SluiceError } from '@sluice/protocol'
import type { CallOptions } from './call-engine.ts'
import type { ChatAnswer } from './chat-answer.ts'
import { asRequest, type ChatInput, type ChatInputRequest } from './chat-input.ts'
import { jsonSchemaOf, strictForm } from './schema/json-schema-of.ts'
import { describeIssue, InvalidOutputError, readOutput } from './schema/read-output.ts'
import type { OutputOf, Schema } from './schema/standard-schema.ts'
import { sumOf } from './sum-of-steps.ts'
import { said } from './run-tools.ts'

export interface ChatObjectOptions extends CallOptions {
  /** What the object is, for the model: letters, digits, `_` and `-`. Default `answer`. */
  readonly name?: string
  /** How often the model is shown what is wrong and asked again. Default 1. */
  readonly repairs?: number
}

export interface ObjectAnswer<Output> extends ChatAnswer {
  /** As the schema gives it. */
  readonly object: Output
}

type Ask = (request: ChatInputRequest, options: CallOptions) => Promise<ChatAnswer>

/**
 * Asks for an answer in the form of a schema, checks it, and lets the model repair what is wrong.
 * @throws InvalidOutputError with what the model wrote last.
 */
export async function chatObject<S extends Schema>(
  ask: Ask,
  schema: S,
  input: ChatInput,
  { name = 'answer', repairs = 1, ...options }: ChatObjectOptions,
): Promise<ObjectAnswer<OutputOf<S>>> {
  const request = asRequest(input)
  const form = strictForm(jsonSchemaOf(schema))
  const jsonSchema = { name, schema: form.schema, ...(form.strict && { strict: true }) }
  const answers: ChatAnswer[] = []
  let { messages } = request
  for (;;) {
    const response_format = { type: 'json_schema', json_schema: jsonSchema }
    const answer = await ask({ ...request, messages, response_format }, options)
    answers.push(answer)
    checkWhole(answer)
    try {
      const object = await readOutput(schema, answer.text, `The answer is no ${name} as it was asked for`)
      return { ...answer, ...sumOf(answers), object }
    } catch (error) {
      if (!(error instanceof InvalidOutputError) || answers.length > repairs) throw error
      const wrong = error.issues.map(describeIssue).join('; ')
      const content = `That is not as it must be: ${wrong}. Answer once more, with JSON only, and all of it.`
      messages = [...messages, said(answer), { role: 'user', content }]
    }
  }
}

/** What was cut or declined is not made better by asking for other JSON. */
function checkWhole({ finishReason, refusal, text }: ChatAnswer): void {
  if (refusal !== undefined && text === '') {
    const issues = [{ path: '', message: refusal.replace(/\.$/, '') }]
    throw new InvalidOutputError('The model declined', refusal, issues)
  }
  if (finishReason === 'length') {
    const message = 'the limit of tokens was reached before its end; allow more'
    throw new InvalidOutputError('The answer was cut', text, [{ path: '', message }])
  }
  if (finishReason === 'content-filter')
    throw new SluiceError('content_filter', 'The provider cut the answer by its policy.')
}
