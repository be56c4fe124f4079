import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cleanEnvironment, profileArguments, type Contender } from './contender.ts'

const program = `${import.meta.dirname}/../floor.ts`

export const floor: Contender = {
  id: 'floor',
  name: 'Node floor',
  readyPath: '/healthz',
  headers: () => ({}),
  unavailable: () => Promise.resolve(undefined),
  version: () => {
    const manifest = createRequire(import.meta.url).resolve('undici/package.json')
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
    return `Node ${process.version}, undici ${version}, bench/floor.ts`
  },
  command: (setting) => ({
    program: process.execPath,
    arguments: [...profileArguments(setting, 'floor'), program, String(setting.port), setting.upstream],
    environment: cleanEnvironment(setting.directory),
  }),
}
