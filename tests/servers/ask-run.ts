export type ServerKind = 'postgres' | 'redis'

/** Names the URL where the run that a test file is part of hands out databases. */
export const runVariable = 'SLUICE_TEST_SERVERS'

/** The URL of a new, empty database of the server that a run shares; `undefined` where there is no run. */
export async function askRun(kind: ServerKind): Promise<string | undefined> {
  const url = process.env[runVariable]
  if (url === undefined) return undefined
  const response = await fetch(new URL(kind, url))
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}
