import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'
import { markPure } from './mark-pure.ts'

/** What is left of a module of which only `kept` is used. */
async function bundle(code: string): Promise<string> {
  const files: Readonly<Record<string, string>> = { 'entry.ts': `export { kept } from 'module.ts'`, 'module.ts': code }
  const build = await rolldown({
    input: 'entry.ts',
    external: ['elsewhere'],
    plugins: [{ name: 'files', resolveId: (id) => (id in files ? id : null), load: (id) => files[id] }, markPure],
  })
  const { output } = await build.generate()
  await build.close()
  return output[0].code
}

test.each([
  ['a call', 'const unused = make({ a: 1 })'],
  ['a call of a method', 'export const unused: string[] = [1].map(make)'],
  ['a call within a call', 'export const unused = make(make(new Make()))'],
  ['what spreads', 'export const unused = { ...make({}), b: 2 } as const'],
  ['what reads a member', 'const unused = Object.freeze({ a: other.member })'],
])('leaves out what nobody uses: %s', async (_what, statement) => {
  const code = `import { make, Make, other } from 'elsewhere'\n${statement}\nexport const kept = 1\n`
  expect(await bundle(code)).not.toMatch(/make|Make|other\./)
})

test('keeps what is used, with the same value', async () => {
  const code = await bundle(`
    const list = [1, 2]
    const part = { ...{ a: list.length }, made: new Map([['b', list.map((value: number) => value + 1)]]) }
    export const kept = Object.freeze({ ...part, c: part.made.size })`)
  const { kept } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { readonly kept: unknown }
  expect(kept).toEqual({ a: 2, made: new Map([['b', [2, 3]]]), c: 1 })
})
