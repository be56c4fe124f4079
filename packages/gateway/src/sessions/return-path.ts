import { SluiceError } from '@sluice/protocol'

/** Where people are sent who did not say where they come from: it shows who they are. */
const usual = '/api/admin/session'
const longest = 2_000

/** Where a browser goes after signing in: a path of this gateway, and never elsewhere. @throws SluiceError `invalid_request` */
export function returnPath(given: string | null): string {
  if (given === null || given === '') return usual
  // Browsers read a backslash as a slash, and pass over tabs and line ends.
  const plain = given.length <= longest && /^\/[\x21-\x5b\x5d-\x7e]*$/.test(given)
  const url = plain ? URL.parse(given, 'http://here.invalid') : null
  const path = url?.origin === 'http://here.invalid' ? url.pathname + url.search + url.hash : '//'
  // `/.//elsewhere` comes out of this as `//elsewhere`, which is another host.
  if (!path.startsWith('//')) return path
  throw new SluiceError('invalid_request', '`return_to` must be a path of this gateway, such as /dashboard.', {
    param: 'return_to',
  })
}
