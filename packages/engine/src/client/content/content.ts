import type { BlockAnswer, BlockKind, BlockOf, BlockOptions } from './content-block.ts'
import type { ContentBlocks, ContentBlockType } from './content-blocks.ts'
import { SluiceError } from '@sluice/protocol'
import type { CallOptions } from '../call-engine.ts'
import type { Ask } from '../chat-client.ts'
import type { ContentAnswer, ContentRequest } from './generate-content.ts'
import type { MetaAnswer, MetaOptions } from './page-meta.ts'

/** Texts and parts of pages. What is asked fails with a `SluiceError`. */
export interface Content {
  /** A text: `await sluice.content.generate('Write a haiku about rain')`. */
  generate(request: string | ContentRequest, options?: CallOptions): Promise<ContentAnswer>
  /**
   * A block of a page, with the type of what it holds: `await sluice.content.block('faq', 'Rain in Bergen')`.
   * @throws InvalidOutputError when what the model wrote is no such block.
   */
  block<Type extends ContentBlockType>(
    kind: Type,
    request: string | ContentRequest,
    options?: BlockOptions,
  ): Promise<BlockAnswer<{ readonly type: Type } & ContentBlocks[Type]>>
  /** The same of a kind of one's own, that `defineBlock` makes. */
  block<Kind extends BlockKind>(
    kind: Kind,
    request: string | ContentRequest,
    options?: BlockOptions,
  ): Promise<BlockAnswer<BlockOf<Kind>>>
  /** The text that a prompt template gives: `greeting`, or `greeting@2`. */
  fromTemplate(
    prompt: string,
    variables?: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<ContentAnswer>
  /**
   * A page's title and description for search engines, no longer than they may be: the model is told what is too long.
   * @throws InvalidOutputError when they are too long to the end.
   */
  meta(request: string | ContentRequest, options?: MetaOptions): Promise<MetaAnswer>
}

/**
 * Loads what it needs when it is asked.
 * @param requireProvider rejects where no such provider is configured.
 */
export function createContent(ask: Ask, requireProvider: (name: string) => Promise<void>): Content {
  /** A provider that is named and not there is nobody else. */
  const check = async (request: string | ContentRequest): Promise<void> => {
    // Without types anything may come; what is no request is told by who reads it.
    const provider = typeof request === 'string' ? undefined : request?.provider
    if (provider !== undefined) await requireProvider(provider)
  }

  async function block(
    kind: string | BlockKind,
    request: string | ContentRequest,
    options: BlockOptions = {},
  ): Promise<BlockAnswer<never>> {
    const { writeBlock } = await import('./content-block.ts')
    const found = typeof kind === 'object' && kind !== null ? kind : await findKind(kind)
    await check(request)
    return (await writeBlock(ask, found, request, options)) as BlockAnswer<never>
  }

  return {
    async generate(request, options = {}) {
      const { generateContent } = await import('./generate-content.ts')
      await check(request)
      return generateContent(ask, request, options)
    },
    block,
    async fromTemplate(prompt, variables = {}, options = {}) {
      const { contentFromTemplate } = await import('./generate-content.ts')
      return contentFromTemplate(ask, prompt, variables, options)
    },
    async meta(request, options = {}) {
      const { writeMeta } = await import('./page-meta.ts')
      await check(request)
      return writeMeta(ask, request, options)
    },
  }
}

async function findKind(name: string): Promise<BlockKind> {
  const { contentBlocks } = await import('./content-blocks.ts')
  const kinds: Readonly<Record<string, BlockKind>> = contentBlocks
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
  if (kind !== undefined) return kind
  const known = Object.keys(kinds).join(', ')
  throw new SluiceError(
    'invalid_request',
    `There is no block "${name}": there are ${known}, and what \`defineBlock\` makes.`,
  )
}
