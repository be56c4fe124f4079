import { Buffer } from 'node:buffer'
import type { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { FileRow } from '../../stores/tables.ts'
import type { FileContents } from '../file-contents.ts'

/** What every place for the bytes of files keeps to. @param open gives a new, empty one. */
export function describeFileContents(place: string, open: () => Promise<FileContents>): void {
  const row = (id: string, start: number, bytes: number): FileRow => ({
    id,
    owner: 'ann',
    filename: 'a',
    purpose: 'batch',
    content_start: start,
    bytes,
    created_at: 1,
    expires_at: null,
  })
  /** Pieces of every kind and length, more than 3 MiB together. */
  const pieces: readonly (Uint8Array | string)[] = [
    'é–😀',
    Buffer.alloc(0),
    ...Array.from({ length: 40 }, (_, index) => Buffer.alloc(index * 3_777, index)),
    Buffer.alloc(1024 * 1024, 7),
  ]
  const whole = Buffer.concat(pieces.map((piece) => Buffer.from(piece as Uint8Array)))
  async function* given(): AsyncGenerator<Uint8Array | string> {
    yield* pieces
  }
  async function gather(stream: Readable): Promise<Buffer> {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks)
  }

  describe(`bytes of files ${place}`, () => {
    test('are read as they were written, all of them or a range', async () => {
      const contents = await open()
      expect(await contents.write('one', given())).toBe(whole.length)
      expect((await gather(contents.read(row('one', 0, whole.length)))).equals(whole)).toBe(true)
      for (const [start, length] of [
        [0, 0],
        [5, 1],
        [1024 * 1024 - 1, 2],
        [1024 * 1024, 1024 * 1024],
        [100, whole.length - 200],
      ] as const) {
        const range = await gather(contents.read(row('one', start, length)))
        expect(range.equals(whole.subarray(start, start + length))).toBe(true)
      }
    })

    test('are not there after a write that failed, or when they were removed', async () => {
      const contents = await open()
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield Buffer.alloc(2 * 1024 * 1024)
        throw new Error('The caller left.')
      }
      await expect(contents.write('half', broken())).rejects.toThrow('The caller left.')
      await expect(gather(contents.read(row('half', 0, 10)))).rejects.toMatchObject({ code: 'ENOENT' })
      await contents.write('one', given())
      await contents.remove('one')
      await contents.remove('one')
      await expect(gather(contents.read(row('one', 0, 10)))).rejects.toMatchObject({ code: 'ENOENT' })
    })
  })
}
