import { createHash } from 'node:crypto'
import { referenceStyle } from './reference-style.ts'

/** The part of an OpenAPI document that the page shows. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>
  readonly components: { readonly responses: ApiResponses }
}

interface ApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly parameters?: readonly ApiParameter[]
  readonly requestBody?: { readonly content: ApiContent }
  readonly responses: Readonly<Record<string, ApiResponse | { readonly $ref: string }>>
}

interface ApiResponse {
  readonly description: string
  readonly content?: ApiContent
}

type ApiResponses = Readonly<Record<string, ApiResponse>>

interface ApiParameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema: ApiSchema
}

type ApiContent = Readonly<Record<string, { readonly schema?: ApiSchema }>>

/** JSON Schema. */
interface ApiSchema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, ApiSchema>>
  readonly required?: readonly string[]
  readonly items?: ApiSchema
  readonly additionalProperties?: ApiSchema | boolean
  readonly anyOf?: readonly ApiSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly description?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly maxItems?: number
}

/** Nothing is loaded from anywhere, and no script runs: the page is what it is. */
export const referencePolicy: string = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(referenceStyle).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** A reference in HTML, of what the document says and nothing else. */
export function referencePage({ info, paths, components }: ApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const tags = [...new Set(operations.map(({ operation }) => tagOf(operation)))]
  const sections = tags.map((tag) => {
    const own = operations.filter(({ operation }) => tagOf(operation) === tag)
    const shown = own.map(({ path, method, operation }) => showOperation(path, method, operation, components.responses))
    return `<section id="${escape(tag)}"><h2>${escape(tag)}</h2>${shown.join('')}</section>`
  })
  const links = tags.map((tag) => `<a href="#${escape(tag)}">${escape(tag)}</a>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(info.title)}</title>
<style>${referenceStyle}</style>
</head>
<body>
<header><h1>${escape(info.title)}</h1><p>${escape(info.description)}</p>
<p>Version ${escape(info.version)} · <a href="openapi.json">openapi.json</a></p></header>
<nav aria-label="Resources">${links.join('')}</nav>
<main>${sections.join('\n')}</main>
</body>
</html>
`
}

function tagOf({ tags }: ApiOperation): string {
  return tags?.[0] ?? 'other'
}

/** @param shared what answers may refer to. */
function showOperation(path: string, method: string, operation: ApiOperation, shared: ApiResponses): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation
  const body = schemaOf(requestBody?.content)
  const answers = Object.entries(responses).map(([status, response]) => {
    const { description: said, content } = '$ref' in response ? referred(response.$ref, shared) : response
    const schema = schemaOf(content)
    const shape = schema?.properties === undefined || status === 'default' ? '' : showMembers(schema)
    return `<dt>${escape(status)}</dt><dd>${escape(said)}${shape}</dd>`
  })
  return `<details id="${escape(operationId)}"><summary><b class="${escape(method)}">${escape(method.toUpperCase())}</b>
<code>${escape(path)}</code> <span>${escape(summary)}</span></summary>
<p>${withCode(description ?? '')}</p>
${parameters.length === 0 ? '' : `<h3>Parameters</h3>${table(parameters.map(parameterRow))}`}
${body === undefined ? '' : `<h3>Body</h3>${showMembers(body)}`}
<h3>Answers</h3><dl>${answers.join('')}</dl></details>`
}

/** `#/components/responses/NotFound` */
function referred(reference: string, shared: ApiResponses): ApiResponse {
  return shared[reference.slice(reference.lastIndexOf('/') + 1)]!
}

function schemaOf(content: ApiContent | undefined): ApiSchema | undefined {
  return Object.values(content ?? {})[0]?.schema
}

type Row = readonly [name: string, type: string, words: string]

function parameterRow({ name, in: place, required, description = '', schema }: ApiParameter): Row {
  return [
    name,
    typeOf(schema),
    `in ${place}${required === true ? ', required' : ''}. ${description} ${boundsOf(schema)}`,
  ]
}

function showMembers(schema: ApiSchema): string {
  return table(memberRows(schema, '', 3))
}

/** @param depth how far members of members are told of. */
function memberRows({ properties = {}, required = [] }: ApiSchema, above: string, depth: number): readonly Row[] {
  return Object.entries(properties).flatMap(([name, schema]): readonly Row[] => {
    const path = `${above}${name}`
    const words = [required.includes(name) ? 'required' : '', schema.description ?? '', boundsOf(schema)]
    const own: Row = [path, typeOf(schema), words.filter((word) => word !== '').join('. ')]
    const [inner, mark] = innerOf(schema)
    return depth > 0 && inner?.properties !== undefined
      ? [own, ...memberRows(inner, `${path}${mark}.`, depth - 1)]
      : [own]
  })
}

/** The object within, and how it is written of what it is in. */
function innerOf(schema: ApiSchema): readonly [inner: ApiSchema | undefined, mark: string] {
  const one = schema.anyOf?.find(({ type }) => type !== 'null') ?? schema
  return one.items === undefined ? [one, ''] : [one.items, '[]']
}

function typeOf(schema: ApiSchema): string {
  const { anyOf, type, enum: values, const: only, items, format } = schema
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(' or ')
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ')
  if (only !== undefined) return JSON.stringify(only)
  if (type === 'array') return `list of ${items === undefined ? 'anything' : typeOf(items)}`
  if (type === undefined) return 'anything'
  return `${typeof type === 'string' ? type : type.join(' or ')}${format === undefined ? '' : ` (${format})`}`
}

function boundsOf(schema: ApiSchema): string {
  const { minimum, maximum, maxLength, maxItems } = innermost(schema)
  const bounds = [
    // The bounds of every whole number in JavaScript say nothing.
    minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? `from ${minimum}` : '',
    maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? `to ${maximum}` : '',
    maxLength === undefined ? '' : `at most ${maxLength} characters`,
    maxItems === undefined ? '' : `at most ${maxItems} of them`,
  ]
  return bounds.filter((word) => word !== '').join(' ')
}

function innermost(schema: ApiSchema): ApiSchema {
  return schema.anyOf?.find(({ type }) => type !== 'null') ?? schema
}

function table(rows: readonly Row[]): string {
  const cells = rows.map(
    ([name, type, words]) =>
      `<tr><th scope="row"><code>${escape(name)}</code></th><td>${escape(type)}</td><td>${withCode(words)}</td></tr>`,
  )
  return `<table><tbody>${cells.join('')}</tbody></table>`
}

/** What stands between backquotes is code. */
function withCode(text: string): string {
  return escape(text).replaceAll(/`([^`]*)`/g, '<code>$1</code>')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]!)
}
