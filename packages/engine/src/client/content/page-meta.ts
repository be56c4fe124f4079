import { SluiceError } from '@sluice/protocol'
import type { CallOptions } from '../call-engine.ts'
import type { Ask } from '../chat-client.ts'
import { chatObject, type ObjectAnswer } from '../chat-object.ts'
import type { StandardIssue, StandardSchema } from '../schema/standard-schema.ts'
import { checkedSchema, objectOf, textOf } from './checked-schema.ts'
import { countCharacters } from './count-characters.ts'
import { type ContentRequest, toChat } from './generate-content.ts'

/** What search engines and previews show of a page. */
export interface PageMeta {
  readonly title: string
  readonly description: string
}

/** How long a page's title and description may be, and how they are asked for. */
export interface MetaOptions extends CallOptions {
  /** Characters as people see them; default 60. */
  readonly titleLength?: number | undefined
  /** Characters as people see them; default 160. */
  readonly descriptionLength?: number | undefined
  /** How often the model is told what is too long and asked again. Default 2. */
  readonly repairs?: number | undefined
}

/** A page's title and description, and how they were come by. */
export interface MetaAnswer extends Omit<ObjectAnswer<PageMeta>, 'object'>, PageMeta {}

/**
 * A title and a description for a page, by its text or by what it is about.
 * @throws InvalidOutputError when they are still too long after all repairs; SluiceError `invalid_request` for lengths that are
 * no whole numbers from 1.
 */
export async function writeMeta(
  ask: Ask,
  request: string | ContentRequest,
  { titleLength = 60, descriptionLength = 160, repairs = 2, ...options }: MetaOptions,
): Promise<MetaAnswer> {
  for (const [param, length] of Object.entries({ titleLength, descriptionLength }))
    if (!Number.isInteger(length) || length < 1)
      throw new SluiceError('invalid_request', `\`${param}\` must be a whole number from 1.`, { param })
  const schema = metaSchema(titleLength, descriptionLength)
  const instructions = `You write the title and the description of a page for search engines, in the page's language: plain text, a title of at most ${titleLength} and a description of at most ${descriptionLength} characters, spaces included.`
  const chat = toChat(request, {}, instructions)
  const { object, ...answer } = await chatObject(ask, schema, chat, { name: 'meta', repairs, ...options })
  return { ...answer, ...object }
}

function metaSchema(titleLength: number, descriptionLength: number): StandardSchema<unknown, PageMeta> {
  const schema = objectOf({
    title: textOf(`What the page is about. At most ${titleLength} characters.`),
    description: textOf(`Why to read it. At most ${descriptionLength} characters.`),
  })
  return checkedSchema<PageMeta>(schema, (written) => {
    const [title, description] = [inOneLine(written.title), inOneLine(written.description)]
    const issues = [
      ...lengthIssues('title', title, titleLength),
      ...lengthIssues('description', description, descriptionLength),
    ]
    return issues.length > 0 ? { issues } : { value: { title, description } }
  })
}

function inOneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ')
}

function lengthIssues(name: string, text: string, most: number): readonly StandardIssue[] {
  const length = countCharacters(text)
  if (length === 0) return [{ path: [name], message: 'is empty' }]
  if (length <= most) return []
  return [
    { path: [name], message: `has ${length} characters, ${length - most} more than the ${most} that it may have` },
  ]
}
