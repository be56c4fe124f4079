import { SluiceError } from '@sluice/protocol'
import type { RequestBody } from '../call-engine.ts'
import { refuseOptions } from '../misplaced-options.ts'

/** A file's content; what is no `File` is given a name. */
export type FileInput = Blob | Uint8Array

/**
 * A form of the web platform as bytes, without anything of Node. Absent members are left out, arrays are sent as
 * `name[]`, files last, so that the rest is read before they are here.
 */
export async function formBody(
  fields: Readonly<Record<string, unknown>>,
  files: readonly (readonly [name: string, file: FileInput, filename: string])[],
): Promise<RequestBody> {
  refuseOptions(fields)
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue
    if (Array.isArray(value)) for (const entry of value) form.append(`${name}[]`, textOf(entry))
    else form.append(name, textOf(value))
  }
  for (const [name, file, filename] of files) form.append(name, asBlob(file, name), nameOf(file) ?? filename)
  const encoded = new Response(form)
  const contentType = encoded.headers.get('content-type')
  if (contentType === null) throw new SluiceError('internal_error', 'This runtime cannot encode forms.')
  return { body: new Uint8Array(await encoded.arrayBuffer()), contentType }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function asBlob(file: FileInput, name: string): Blob {
  if (file instanceof Blob) return file
  // A type that also covers shared memory, which files never are.
  if (file instanceof Uint8Array) return new Blob([file as Uint8Array<ArrayBuffer>])
  throw new SluiceError('invalid_request', `\`${name}\` must be a Blob, a File or a Uint8Array.`, { param: name })
}

function nameOf(file: FileInput): string | undefined {
  const { name } = file as { readonly name?: unknown }
  return typeof name === 'string' && name !== '' ? name : undefined
}
