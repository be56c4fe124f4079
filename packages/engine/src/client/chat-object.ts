import { SluiceError } from '@sluice/protocol'
import type { CallOptions } from './call-engine.ts'
import type { ChatAnswer } from './chat-answer.ts'
import type { Ask } from './chat-client.ts'
import { asRequest, type ChatInput } from './chat-input.ts'
import { answerForm } from './schema/answer-form.ts'
import { describeIssue, InvalidOutputError, readOutput } from './schema/read-output.ts'
import type { OutputOf, Schema } from './schema/standard-schema.ts'
import { withSpent } from './spent.ts'
import { sumOf } from './sum-of-steps.ts'
import { said } from './tool-run.ts'

/** How an answer in the form of a schema is asked for. */
export interface ChatObjectOptions extends CallOptions {
  /** What the object is, for the model: up to 64 letters, digits, `_` and `-`. Default `answer`. */
  readonly name?: string | undefined
  /** How often the model is shown what is wrong and asked again. Default 1. */
  readonly repairs?: number | undefined
}

/** The last answer, with what all calls used and cost, repairs included. */
export interface ObjectAnswer<Output> extends ChatAnswer {
  /** As the schema gives it. */
  readonly object: Output
}

/**
 * Asks for an answer in the form of a schema, checks it, and lets the model repair what is wrong. A schema of something else than
 * an object is asked for as the member `value` of one.
 * @throws InvalidOutputError with what the model wrote last; it says by `hasSpent` what was used.
 */
export async function chatObject<S extends Schema>(
  ask: Ask,
  schema: S,
  input: ChatInput,
  { name = 'answer', repairs = 1, ...options }: ChatObjectOptions,
): Promise<ObjectAnswer<OutputOf<S>>> {
  const request = asRequest(input)
  if (!/^[\w-]{1,64}$/.test(name))
    throw new SluiceError('invalid_request', 'A name has up to 64 letters, digits, `_` and `-`.', { param: 'name' })
  if (!Number.isInteger(repairs) || repairs < 0)
    throw new SluiceError('invalid_request', '`repairs` must be a whole number from 0.', { param: 'repairs' })
  const form = answerForm(schema)
  const jsonSchema = { name, schema: form.schema, ...(form.strict && { strict: true }) }
  const answers: ChatAnswer[] = []
  let { messages } = request
  try {
    for (;;) {
      const response_format = { type: 'json_schema', json_schema: jsonSchema }
      const answer = await ask({ ...request, messages, response_format }, options)
      answers.push(answer)
      checkWhole(answer)
      try {
        const what = `The answer is no ${name} as it was asked for`
        const object = await readOutput(schema, answer.text, what, form.inner)
        return { ...answer, ...sumOf(answers), object }
      } catch (error) {
        if (!(error instanceof InvalidOutputError) || answers.length > repairs) throw error
        const wrong = error.issues.map(describeIssue).join('; ')
        const content = `That is not as it must be: ${wrong}. Answer once more, with JSON only, and all of it.`
        messages = [...messages, said(answer), { role: 'user', content }]
      }
    }
  } catch (error) {
    throw withSpent(error, answers)
  }
}

/** What was cut or declined, or is a call of a tool, is not made better by asking for other JSON. */
function checkWhole({ finishReason, refusal, text, toolCalls }: ChatAnswer): void {
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
  if (text === '' && toolCalls.length > 0) {
    const message = `it calls ${toolCalls.map((call) => call.name).join(', ')}; run its tools first, by \`chat\``
    throw new InvalidOutputError('The model wants tools, and wrote no answer', text, [{ path: '', message }])
  }
}
