import { SluiceError } from '@sluice/protocol'
import type { CallOptions } from '../call-engine.ts'
import type { Ask } from '../chat-client.ts'
import { chatObject, type ObjectAnswer } from '../chat-object.ts'
import { jsonSchemaOf } from '../schema/json-schema-of.ts'
import type { OutputOf, Schema } from '../schema/standard-schema.ts'
import { type ContentRequest, toChat } from './generate-content.ts'

/** A kind of block: what it is called, what it is for, and what it holds. */
export interface BlockKind<Type extends string = string, S extends Schema = Schema> {
  /** Letters, digits, `_` and `-`. */
  readonly type: Type
  /** What it is, for the model. */
  readonly description: string
  /** zod, valibot, arktype, or plain JSON Schema; of an object. */
  readonly schema: S
}

/** A block as it was written: what its schema gives, and its type. */
export type BlockOf<Kind extends BlockKind> = { readonly type: Kind['type'] } & OutputOf<Kind['schema']>

/** A block, and how it was come by. */
export interface BlockAnswer<Block> extends Omit<ObjectAnswer<unknown>, 'object'> {
  readonly block: Block
}

/** How a block is asked for. */
export interface BlockOptions extends CallOptions {
  /** How often the model is shown what is wrong and asked again. Default 1. */
  readonly repairs?: number | undefined
}

/**
 * A kind of block of one's own, with the type of what it holds.
 * @throws SluiceError `invalid_request` for a type that is no name, and for a schema with a member `type`, which is the block's own.
 */
export function defineBlock<const Type extends string, S extends Schema>(kind: BlockKind<Type, S>): BlockKind<Type, S> {
  if (!/^[\w-]{1,64}$/.test(kind.type))
    throw new SluiceError('invalid_request', "A block's type has up to 64 letters, digits, `_` and `-`.", {
      param: 'type',
    })
  const { properties } = jsonSchemaOf(kind.schema)
  if (typeof properties === 'object' && properties !== null && 'type' in properties)
    throw new SluiceError(
      'invalid_request',
      'A block has the member `type` already: name that of its schema otherwise.',
      {
        param: 'schema',
      },
    )
  return kind
}

/** @throws InvalidOutputError when what the model wrote is no such block. */
export async function writeBlock(
  ask: Ask,
  { type, description, schema }: BlockKind,
  request: string | ContentRequest,
  options: BlockOptions,
): Promise<BlockAnswer<object>> {
  const instructions = `You write one block of content for a page: ${description} Write what is asked for, in the language in which it is asked, as plain text without Markdown or HTML.`
  const { object, ...answer } = await chatObject(ask, schema, toChat(request, {}, instructions), {
    name: type,
    ...options,
  })
  return { ...answer, block: { type, ...(object as object) } }
}
