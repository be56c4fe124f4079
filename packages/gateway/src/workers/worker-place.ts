import type { Environment } from 'sluice'

/** What a process is told that is started to be one of several. */
export interface WorkerPlace {
  /** From 0. */
  readonly place: number
  /** That all of them share. */
  readonly port: number
}

const variable = 'SLUICE_WORKER'

export function writePlace({ place, port }: WorkerPlace): Record<string, string> {
  return { [variable]: `${place}:${port}` }
}

/** `undefined` for a process that nobody started to be one of several. */
export function readPlace(environment: Environment): WorkerPlace | undefined {
  const [, place, port] = /^(\d+):(\d+)$/.exec(environment[variable] ?? '') ?? []
  return place === undefined ? undefined : { place: Number(place), port: Number(port) }
}
