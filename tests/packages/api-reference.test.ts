import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const typedoc = join(import.meta.dirname, 'node_modules/typedoc/bin/typedoc')

/** The parts of typedoc's JSON that are looked at. */
interface Reflection {
  readonly name: string
  readonly comment?: object
  readonly signatures?: readonly Reflection[]
  readonly children?: readonly Reflection[]
  /** Of an export that is another one's second name. */
  readonly target?: number
}

test.skipIf(!existsSync(typedoc))(
  'the API reference is made, and says of every export what it is',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-api-'))
    try {
      const [out, json] = [join(folder, 'pages'), join(folder, 'api.json')]
      // Warnings, such as links that lead nowhere, are errors there.
      await promisify(execFile)(process.execPath, [typedoc, '--out', out, '--json', json], { cwd: root })
      expect(readFileSync(join(out, 'functions/index.createSluice.html'), 'utf8')).toContain('front door')
      const { children: entries = [] } = JSON.parse(readFileSync(json, 'utf8')) as Reflection
      expect(entries.map(({ name }) => name)).toEqual(['core', 'dialects', 'index'])
      const exported = entries.flatMap(({ children = [] }) => children)
      expect(exported.length).toBeGreaterThan(100)
      expect(exported.filter(isUndocumented).map(({ name }) => name)).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
  60_000,
)

function isUndocumented({ comment, signatures = [], target }: Reflection): boolean {
  return (
    comment === undefined && target === undefined && !signatures.some((signature) => signature.comment !== undefined)
  )
}
