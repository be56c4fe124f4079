import type { JsonSchema, StandardSchema } from '../schema/standard-schema.ts'
import { checkedSchema, listOf, objectOf, optionalTextOf, textOf } from './checked-schema.ts'
import type { BlockKind } from './content-block.ts'

/** What the built-in blocks hold. */
export interface ContentBlocks {
  readonly heading: { readonly level: number; readonly text: string }
  readonly paragraph: { readonly text: string }
  readonly list: { readonly ordered: boolean; readonly items: readonly string[] }
  readonly quote: { readonly text: string; readonly author: string | null }
  /** To be found or made by its description. */
  readonly image: { readonly description: string; readonly alt: string; readonly caption: string | null }
  readonly hero: { readonly headline: string; readonly subheadline: string; readonly action: string | null }
  readonly features: {
    readonly title: string
    readonly items: readonly { readonly title: string; readonly text: string }[]
  }
  readonly faq: { readonly items: readonly { readonly question: string; readonly answer: string }[] }
  /** A call to action. */
  readonly cta: { readonly headline: string; readonly text: string; readonly action: string }
  readonly code: { readonly language: string; readonly code: string; readonly caption: string | null }
  /** Every row has as many cells as there are columns. */
  readonly table: {
    readonly caption: string | null
    readonly columns: readonly string[]
    readonly rows: readonly (readonly string[])[]
  }
}

/** The types of the built-in blocks. */
export type ContentBlockType = keyof ContentBlocks

type Kinds = { readonly [Type in ContentBlockType]: BlockKind<Type> }

/** The built-in kinds of blocks, by type. */
export const contentBlocks: Kinds = {
  heading: {
    type: 'heading',
    description: 'a heading.',
    schema: objectOf({
      level: {
        type: 'integer',
        minimum: 1,
        maximum: 6,
        description: '1 for a page’s title, 2 for a section’s, and so on.',
      },
      text: textOf('Without a full stop.'),
    }),
  },
  paragraph: {
    type: 'paragraph',
    description: 'one paragraph.',
    schema: objectOf({ text: textOf('Whole sentences, without line breaks.') }),
  },
  list: {
    type: 'list',
    description: 'a list.',
    schema: objectOf({
      ordered: { type: 'boolean', description: 'Whether the order counts, as in steps.' },
      items: several(textOf('One entry, without its bullet or number.'), 'The entries.'),
    }),
  },
  quote: {
    type: 'quote',
    description: 'a quotation.',
    schema: objectOf({
      text: textOf('What was said, without quotation marks.'),
      author: optionalTextOf('Who said it.'),
    }),
  },
  image: {
    type: 'image',
    description: 'a picture, by a description from which it can be found or made.',
    schema: objectOf({
      description: textOf('What is to be seen, and how.'),
      alt: textOf('For people who do not see it.'),
      caption: optionalTextOf('What stands below it.'),
    }),
  },
  hero: {
    type: 'hero',
    description: 'the opening of a page.',
    schema: objectOf({
      headline: textOf('A few words that say what this is.'),
      subheadline: textOf('One sentence that says why it matters.'),
      action: optionalTextOf('The label of its button.'),
    }),
  },
  features: {
    type: 'features',
    description: 'what something offers.',
    schema: objectOf({
      title: textOf('A heading for all of them.'),
      items: several(objectOf({ title: textOf('In a few words.'), text: textOf('One sentence.') }), 'What it offers.'),
    }),
  },
  faq: {
    type: 'faq',
    description: 'questions that are often asked, with their answers.',
    schema: objectOf({
      items: several(
        objectOf({ question: textOf('As people ask it.'), answer: textOf('One to three sentences.') }),
        'The questions.',
      ),
    }),
  },
  cta: {
    type: 'cta',
    description: 'a call to action.',
    schema: objectOf({
      headline: textOf('A few words.'),
      text: textOf('One sentence.'),
      action: textOf('The label of its button: a verb, and what it does.'),
    }),
  },
  code: {
    type: 'code',
    description: 'a piece of code.',
    schema: objectOf({
      language: textOf('Its language, in lower case: typescript, shell, sql.'),
      code: textOf('The code alone, with its line breaks.'),
      caption: optionalTextOf('What it shows.'),
    }),
  },
  table: { type: 'table', description: 'a table.', schema: tableSchema() },
}

function several(items: JsonSchema, description: string): JsonSchema {
  return { ...listOf(items, description), minItems: 1 }
}

function tableSchema(): StandardSchema<unknown, ContentBlocks['table']> {
  const schema = objectOf({
    caption: optionalTextOf('What it shows.'),
    columns: several(textOf('A heading.'), 'The headings of its columns.'),
    rows: several(listOf(textOf('A cell.'), 'As many cells as there are columns.'), 'Its rows.'),
  })
  return checkedSchema<ContentBlocks['table']>(schema, (table) => {
    const { length } = table.columns
    const row = table.rows.findIndex((cells) => cells.length !== length)
    if (row < 0) return { value: table }
    const message = `has ${table.rows[row]!.length} cells, and there are ${length} columns`
    return { issues: [{ path: ['rows', row], message }] }
  })
}
