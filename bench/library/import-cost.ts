import { spawnSync } from 'node:child_process'
import process from 'node:process'

/** Milliseconds of one import in a fresh process, one figure a round. */
export interface ImportCost {
  readonly name: string
  readonly cpu: number[]
  readonly wall: number[]
}

const imports: readonly (readonly [string, string])[] = [
  ['`sluice/core`', `import('sluice/core')`],
  ['`sluice`', `import('sluice')`],
  ['`openai`', `import('openai')`],
  ['`ai` and `@ai-sdk/openai-compatible`', `Promise.all([import('ai'), import('@ai-sdk/openai-compatible')])`],
]

/** As installed: what `npm run build` wrote, without types. */
export function measureImports(rounds: number): ImportCost[] {
  const costs = imports.map(([name, code]) => ({ name, code, cpu: [] as number[], wall: [] as number[] }))
  for (let round = 0; round < rounds; round++)
    for (const { code, cpu, wall } of costs) {
      const cost = measure(code)
      cpu.push(cost.cpu)
      wall.push(cost.wall)
    }
  return costs.map(({ name, cpu, wall }) => ({ name, cpu, wall }))
}

function measure(code: string): { readonly cpu: number; readonly wall: number } {
  const script = `
    const used = process.cpuUsage(), began = performance.now()
    await ${code}
    const { user, system } = process.cpuUsage(used)
    console.log(JSON.stringify({ cpu: (user + system) / 1000, wall: performance.now() - began }))`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as { cpu: number; wall: number }
}
