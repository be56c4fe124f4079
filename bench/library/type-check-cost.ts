import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Seconds of `tsc`, one figure a round. */
export interface TypeCheckCost {
  /** A program that imports the library and calls nothing. */
  readonly bare: number[]
  /** The same with all examples. */
  readonly examples: number[]
}

const root = join(import.meta.dirname, '../..')

/** Against the declarations of the built package, as an application's compiler reads them. */
export function measureTypeCheck(rounds: number): TypeCheckCost {
  const folder = mkdtempSync(join(root, 'bench/.work-'))
  try {
    const examples = globSync('examples/*.ts', { cwd: root }).map((path) => join(root, path))
    writeFileSync(join(folder, 'bare.ts'), `export { createSluice } from 'sluice'\n`)
    const bare = project(folder, 'bare', [join(folder, 'bare.ts')])
    const all = project(folder, 'examples', [join(folder, 'bare.ts'), ...examples])
    const cost: TypeCheckCost = { bare: [], examples: [] }
    for (let round = 0; round < rounds; round++) {
      cost.bare.push(seconds(bare))
      cost.examples.push(seconds(all))
    }
    return cost
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function project(folder: string, name: string, files: readonly string[]): string {
  const path = join(folder, `${name}.json`)
  const compilerOptions = { noEmit: true, customConditions: [], types: ['node'], isolatedDeclarations: false }
  writeFileSync(path, JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions, files }))
  return path
}

function seconds(path: string): number {
  const began = performance.now()
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', path, '--pretty', 'false'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stdout)
  return (performance.now() - began) / 1000
}
