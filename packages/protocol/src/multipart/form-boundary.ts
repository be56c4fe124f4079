/**
 * The boundary that a content type says (RFC 2046, section 5.1.1); `undefined` for another type, and where it could
 * be read in two ways.
 */
export function formBoundary(contentType: string | undefined): string | undefined {
  const found =
    /^multipart\/form-data\s*;\s*boundary=(?:"([\w'()+,./:=? -]{0,69}[\w'()+,./:=?-])"|([\w'+.-]{1,70}))\s*$/i.exec(
      contentType ?? '',
    )
  return found?.[1] ?? found?.[2]
}

/** The boundary that a form's first line is. */
export function boundaryOf(body: Uint8Array): string | undefined {
  const end = body.subarray(0, 80).indexOf(0x0d)
  if (end < 3 || body[0] !== 0x2d || body[1] !== 0x2d) return undefined
  return String.fromCharCode(...body.subarray(2, end))
}
