import type { IncomingHttpHeaders } from 'node:http'
import { SluiceError } from '@sluice/protocol'
import { overrideHeaders as names, readOverrides, type RouteOverrides } from 'sluice'

/**
 * What a request's headers say about its way; `undefined` for nothing.
 * @throws SluiceError `invalid_request` naming the header that is wrong.
 */
export function readOverrideHeaders(headers: IncomingHttpHeaders): RouteOverrides | undefined {
  const route = headers[names.route]
  const timeout = headers[names.timeout]
  const retries = headers[names.retries]
  if (route === undefined && timeout === undefined && retries === undefined) return undefined
  const given = {
    route: route === undefined ? undefined : String(route),
    timeout: asNumber(timeout),
    retries: asNumber(retries),
  }
  return readOverrides(given, names)
}

/** `NaN` for what is no number. */
function asNumber(text: string | readonly string[] | undefined): number | undefined {
  if (text === undefined) return undefined
  return typeof text === 'string' && /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : NaN
}

export function overridesForbidden(): SluiceError {
  return new SluiceError(
    'permission_denied',
    'This gateway does not let callers choose routes (`server.overrides: false`): leave out the x-sluice headers, `models` and `provider`.',
  )
}
