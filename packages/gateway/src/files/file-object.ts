import type { FileRow } from '../stores/tables.ts'

/** https://platform.openai.com/docs/api-reference/files/object */
export function fileObject(file: FileRow): { readonly id: string } & Readonly<Record<string, unknown>> {
  return {
    id: file.id,
    object: 'file',
    bytes: file.bytes,
    created_at: Math.floor(file.created_at / 1000),
    ...(file.expires_at !== null && { expires_at: Math.floor(file.expires_at / 1000) }),
    filename: file.filename,
    purpose: file.purpose,
    status: 'processed',
  }
}
