import type { Operation } from '@sluice/protocol'

/** What routing may look at in a request. Nothing is worked out before it is asked for. */
export interface RouteRequest {
  readonly operation: Operation
  /** As the caller named it. */
  readonly model: string | undefined
  readonly stream: boolean
  /** Bytes of the body. */
  readonly size: number
  /** The body's JSON; an empty object where it is none (a form). Parsed at most once. */
  readonly params: Readonly<Record<string, unknown>>
  /** The caller's, names in lower case; empty in the library. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Who calls, without their key. */
  readonly principal: string
}

/** What an exchange tells routing. */
export interface RequestSource {
  readonly dialect: { readonly operation: Operation }
  readonly peek: { readonly model?: string; readonly stream: boolean }
  readonly body: Uint8Array
  readonly callerHeaders: RouteRequest['headers']
  readonly principal: string
  /** Once it was worked out. */
  facts: RouteRequest | undefined
}

/** What routing may look at in a request. */
export function factsOf(source: RequestSource): RouteRequest {
  return (source.facts ??= new SourcedRequest(source))
}

class SourcedRequest implements RouteRequest {
  readonly #source: RequestSource
  #params: RouteRequest['params'] | undefined

  constructor(source: RequestSource) {
    this.#source = source
  }

  get operation(): Operation {
    return this.#source.dialect.operation
  }

  get model(): string | undefined {
    return this.#source.peek.model
  }

  get stream(): boolean {
    return this.#source.peek.stream
  }

  get size(): number {
    return this.#source.body.length
  }

  get params(): RouteRequest['params'] {
    return (this.#params ??= parseObject(this.#source.body))
  }

  get headers(): RouteRequest['headers'] {
    return this.#source.callerHeaders
  }

  get principal(): string {
    return this.#source.principal
  }
}

const decoder = new TextDecoder()

function parseObject(body: Uint8Array): RouteRequest['params'] {
  // A form, which starts with its boundary.
  if (body[0] === 0x2d) return {}
  try {
    const value: unknown = JSON.parse(decoder.decode(body))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as RouteRequest['params']) : {}
  } catch {
    return {}
  }
}
