import { decodeName } from '../gemini-generate/path.ts'

export function pathFor(model: string, verb: string): string {
  return `/models/${encodeURIComponent(model.toWellFormed())}:${verb}`
}

/** Reads `…/models/{model}:{verb}`. @throws SluiceError `invalid_model_name` for a name that cannot be decoded. */
export function peekVerb(path: string, verb: string): { readonly model: string; readonly stream: false } {
  const start = path.indexOf('/models/') + '/models/'.length
  return { model: decodeName(path.slice(start, path.lastIndexOf(`:${verb}`))), stream: false }
}
