import type { TestGateway } from '../start-test-gateway.ts'

/** What the admin API answered. */
export interface AdminReply {
  readonly status: number
  readonly headers: Headers
  /** JSON. */
  readonly body: Readonly<Record<string, unknown>>
}

export type AdminClient = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<AdminReply>

export const rootKey = 'root-key-of-the-tests'

/** Asks the admin API with a key. */
export function adminOf({ gateway }: TestGateway, key: string = rootKey): AdminClient {
  return async (method, path, body, headers) => {
    const response = await fetch(`${gateway.url}/api/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as AdminReply['body'],
    }
  }
}

export interface MadeKey {
  readonly id: string
  /** `sk-sl-…` */
  readonly key: string
}

/** Makes a key that was asked for rightly. */
export async function makeKey(admin: AdminClient, settings: object = {}): Promise<MadeKey> {
  const { status, body } = await admin('POST', '/keys', { name: 'test', ...settings })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return { id: String(body['id']), key: String(body['key']) }
}

/** The code of an error's body, in whatever dialect. */
export function codeOf(body: unknown): unknown {
  const { error } = body as { error?: { code?: unknown } }
  return error?.code
}

/** A chat request by OpenAI's dialect. */
export async function chat(
  { url }: TestGateway,
  key: string,
  body: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: unknown; readonly headers: Headers }> {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'Hello' }], ...body }),
  })
  return { status: response.status, body: await response.json(), headers: response.headers }
}

/** Asks until it is so; the runner's own time limit ends what never becomes so. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}
