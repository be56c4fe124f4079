import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type NumberedLine, readLines } from './batch-line.ts'

async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0
  for (const size of sizes) yield bytes.subarray(start, (start += size))
  yield bytes.subarray(start)
}

async function gather(lines: AsyncIterable<NumberedLine>): Promise<readonly (readonly [number, string])[]> {
  const gathered: (readonly [number, string])[] = []
  for await (const { number, bytes } of lines) gathered.push([number, Buffer.from(bytes).toString()])
  return gathered
}

test('lines are what is between line ends, wherever the pieces of a file end', async () => {
  const text = fc.array(fc.constantFrom('a', 'ü', ' ', '\n', '\r\n'), { maxLength: 40 }).map((all) => all.join(''))
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(5), { maxLength: 20 }), async (whole, sizes) => {
      const expected = whole
        .split('\n')
        .map((line, index) => [index + 1, line] as const)
        .filter(([, line]) => line.trim() !== '')
      expect(await gather(readLines(inPieces(Buffer.from(whole), sizes), 1_000))).toEqual(expected)
    }),
  )
})

test.each([
  ['in one piece', []],
  ['in pieces', [3, 4, 5]],
])('a line may be as long as the limit, and not longer, %s', async (_, sizes) => {
  const read = (text: string) => gather(readLines(inPieces(Buffer.from(text), sizes), 10))
  expect(await read(`${'x'.repeat(10)}\n${'y'.repeat(10)}`)).toHaveLength(2)
  for (const long of [`${'x'.repeat(11)}\n`, 'x'.repeat(11), `a\n${'x'.repeat(11)}\nb`])
    await expect(read(long)).rejects.toMatchObject({
      code: 'body_too_large',
      message: `Line ${long.startsWith('a') ? 2 : 1} is longer than the limit of 10 bytes.`,
    })
})

test('of a line without an end no more is read than it may be long', async () => {
  const piece = Buffer.alloc(64 * 1024, 'x')
  let read = 0
  let left = false
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        read += piece.length
        yield piece
      }
    } finally {
      left = true
    }
  }
  const limit = 64 * 1024 * 1024
  await expect(gather(readLines(endless(), limit))).rejects.toMatchObject({ code: 'body_too_large' })
  expect(read).toBe(limit + piece.length)
  expect(left).toBe(true)
})
