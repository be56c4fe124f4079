import { readdirSync, readFileSync } from 'node:fs'

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

const listed = 40

/** Where the time went, by function, for each `.cpuprofile` of a directory: the share of all that was not idle. */
export function summariseProfiles(directory: string): string {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.cpuprofile'))
    .map((file) => {
      const profile = JSON.parse(readFileSync(`${directory}/${file}`, 'utf8')) as Profile
      return `${file}\n${summarise(profile)}`
    })
    .join('\n\n')
}

function summarise({ nodes, samples, timeDeltas }: Profile): string {
  const nodeById = new Map(nodes.map((node) => [node.id, node]))
  const timeByPlace = new Map<string, number>()
  let busy = 0
  samples.forEach((sample, index) => {
    const frame = nodeById.get(sample)!.callFrame
    if (frame.functionName === '(idle)') return
    const time = timeDeltas[index]!
    busy += time
    const name = frame.functionName === '' ? '(anonymous)' : frame.functionName
    const place = frame.url === '' ? name : `${name}  ${shorten(frame.url)}:${frame.lineNumber + 1}`
    timeByPlace.set(place, (timeByPlace.get(place) ?? 0) + time)
  })
  return [...timeByPlace]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, listed)
    .map(([place, time]) => `${((time / busy) * 100).toFixed(1).padStart(6)} %  ${place}`)
    .join('\n')
}

function shorten(url: string): string {
  return url.replace(/^.*\/(?=node_modules\/|packages\/|bench\/)/, '')
}
