import { expect, it } from 'vitest'
import { failureOf } from '../contracts/test-sluice.ts'
import { type FileInput, formBody } from './form-body.ts'

/** The form as whoever is asked reads it. */
async function sent(fields: Readonly<Record<string, unknown>>, file: FileInput): Promise<FormData> {
  const { body, contentType } = await formBody(fields, [['file', file, 'audio.mp3']])
  const content = body as Uint8Array<ArrayBuffer>
  return new Response(content, { headers: { 'content-type': contentType ?? '' } }).formData()
}

it('writes fields as forms have them, and the file last', async () => {
  const fields = { model: 'small', n: 2, include: ['a', 'b'], chunking: { type: 'auto' }, stop: null, user: undefined }
  const form = await sent(fields, new Uint8Array([1, 2]))
  expect([...form.keys()]).toEqual(['model', 'n', 'include[]', 'include[]', 'chunking', 'file'])
  expect([form.get('n'), form.getAll('include[]'), form.get('chunking')]).toEqual(['2', ['a', 'b'], '{"type":"auto"}'])
})

it.each<[string, FileInput, string]>([
  ['bytes', new Uint8Array([1]), 'audio.mp3'],
  ['a Blob', new Blob(['x']), 'audio.mp3'],
  ['a File', new File(['x'], 'talk.wav'), 'talk.wav'],
])('names %s', async (_what, file, name) => {
  expect(((await sent({}, file)).get('file') as File).name).toBe(name)
})

it('refuses what is no file', async () => {
  const error = await failureOf(formBody({}, [['file', 'talk.wav' as never, 'audio.mp3']]))
  expect([error.code, error.param]).toEqual(['invalid_request', 'file'])
})
