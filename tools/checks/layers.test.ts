import { expect, test } from 'vitest'
import type { Finding } from './check.ts'
import { layersCheck } from './layers.ts'
import { plantInCopy, plantProject } from './planted-project.ts'

async function findIn(files: Readonly<Record<string, string>>): Promise<readonly Finding[]> {
  return layersCheck.run(plantProject(files))
}

test('a forbidden import planted into this repository is found', async () => {
  const before = await layersCheck.run(plantInCopy({}))
  const planted = 'packages/protocol/src/planted.ts'
  const after = await layersCheck.run(plantInCopy({ [planted]: "import { createSluice } from 'sluice'\n" }))
  expect(after.filter(({ file }) => file === planted)).toEqual([
    { file: planted, line: 1, message: 'protocol imports sluice, which is not below it' },
  ])
  expect(after).toHaveLength(before.length + 1)
})

test.each([
  ['the engine imports the gateway', 'packages/engine/src/a.ts', "import { serve } from '@sluice/gateway'"],
  ['the simulator imports the engine', 'packages/simulator/src/a.ts', "import type { Config } from 'sluice'"],
  ['by a type alone', 'packages/protocol/src/a.ts', "export type A = import('sluice').Config"],
  ['by a dynamic import', 'packages/protocol/src/a.ts', "export const a = () => import('sluice')"],
  ['by passing it on', 'packages/protocol/src/a.ts', "export * from 'sluice'"],
  ['protocol imports a dependency', 'packages/protocol/src/a.ts', "import { z } from 'zod'"],
  ['the engine uses Node', 'packages/engine/src/a.ts', "import { readFileSync } from 'node:fs'"],
  ['the engine uses Node by an old name', 'packages/engine/src/a.ts', "import { readFileSync } from 'fs'"],
  ['a path leads into another package', 'packages/gateway/src/a.ts', "import { a } from '../../engine/src/a.ts'"],
  ['a package is entered by its inside', 'packages/gateway/src/a.ts', "import { a } from 'sluice/src/a.ts'"],
  ['a source imports the databases of the tests', 'packages/gateway/src/a.ts', "import '../../../tests/servers/a.ts'"],
  ['the server imports the command line', 'packages/gateway/src/server/a.ts', "import { b } from '../cli/b.ts'"],
  ['a test of protocol imports the engine', 'packages/protocol/src/a.test.ts', "import { a } from 'sluice'"],
  ['a package without a place', 'packages/extra/src/a.ts', "import { a } from 'sluice'"],
])('found: %s', async (_, path, text) => {
  expect(await findIn({ [path]: text })).toMatchObject([{ file: path, line: 1 }])
})

test.each([
  ['the gateway imports what is below it', 'packages/gateway/src/a.ts', "import 'sluice'\nimport '@sluice/protocol'"],
  [
    'a test of a store runs against a real database',
    'packages/gateway/src/a.test.ts',
    "import '../../../tests/servers/a.ts'",
  ],
  ['the command line imports the server', 'packages/gateway/src/cli/a.ts', "import { b } from '../server/b.ts'"],
  [
    'a test of the engine uses Node and the simulator',
    'packages/engine/src/a.test.ts',
    "import 'node:http'\nimport '@sluice/simulator'",
  ],
  [
    'an upper test runs a suite from below',
    'packages/gateway/src/a.test.ts',
    "import '../../engine/src/transport/contract/suite.ts'",
  ],
  [
    'the word stands in a text',
    'packages/protocol/src/a.ts',
    "export const a = \"import { a } from 'sluice'\" // import 'sluice'",
  ],
])('allowed: %s', async (_, path, text) => {
  expect(await findIn({ [path]: text })).toEqual([])
})

test('a package is entered where it says so', async () => {
  const files = {
    'packages/protocol/package.json':
      '{ "name": "@sluice/protocol", "exports": { ".": {}, "./dialects": {}, "./a/*": {} } }',
    'packages/engine/src/a.ts':
      "import '@sluice/protocol'\nimport '@sluice/protocol/dialects'\nimport '@sluice/protocol/a/b'",
  }
  expect(await findIn(files)).toEqual([
    {
      file: 'packages/engine/src/a.ts',
      line: 3,
      message: "imports @sluice/protocol/a/b; the package's entries are @sluice/protocol, @sluice/protocol/dialects",
    },
  ])
})

test('a dependency upwards is found in package.json too', async () => {
  const manifest =
    '{ "name": "sluice", "version": "1.0.0", "dependencies": { "@sluice/gateway": "1.0.0", "zod": "4.0.0" } }'
  expect(await findIn({ 'packages/engine/package.json': manifest })).toEqual([
    { file: 'packages/engine/package.json', message: 'depends on @sluice/gateway, which is not below it' },
  ])
})
