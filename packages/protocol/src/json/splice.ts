/** A change to bytes: what stands from `start` to `end` becomes `bytes`. `start === end` inserts. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

/**
 * The bytes with the edits made, as pieces to be sent in order; what is not edited is not copied.
 *
 * @param edits in ascending order, not overlapping.
 */
export function splice(bytes: Uint8Array, edits: readonly Edit[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = []
  let from = 0
  for (const edit of edits) {
    if (edit.start > from) pieces.push(bytes.subarray(from, edit.start))
    pieces.push(edit.bytes)
    from = edit.end
  }
  if (from < bytes.length) pieces.push(bytes.subarray(from))
  return pieces
}
