import { type Identity, keySchemeOf, neededCredentials } from '../provider-kit/auth.ts'
import { fillBaseUrl } from '../provider-kit/base-url-template.ts'
import { ownHeaders } from '../provider-kit/destination.ts'
import { Secret } from '../provider-kit/secret.ts'
import { withVariant } from '../provider-kit/variants.ts'
import { SluiceError } from '@sluice/protocol'
import { checkBaseUrl, completeBaseUrl, isBareFor } from './base-url.ts'
import type { ConfiguredProvider } from './config.ts'
import type { Report } from './environment.ts'
import type { Provider } from '../provider-kit/provider.ts'
import type { ProviderPlan } from './plan-providers.ts'
import type { ProviderLayer, Sourced } from './sourced.ts'

const defaultTimeout: Sourced<number> = { value: 30, origin: 'default' }
const defaultRetries: Sourced<number> = { value: 3, origin: 'default' }

/**
 * Lays the layers of one provider over each other. Reports what is wrong and returns `undefined` then.
 * `record` is told where each setting came from. `isHosted` tells whether a base URL is that of a known
 * provider which asks for a key.
 */
export function configureProvider(
  plan: ProviderPlan,
  isHosted: (baseUrl: string) => boolean,
  record: (setting: string, origin: string) => void,
  report: Report,
): ConfiguredProvider | undefined {
  const { id, layers } = plan
  let sound = true
  const fail = (setting: string, message: string, source?: Sourced<unknown>): void => {
    sound = false
    // A variable names itself; anything else is named by its path, at its place where it has one.
    const fromVariable =
      source !== undefined && source.where === undefined && source.origin.startsWith('environment variable ')
    const where = fromVariable ? source.origin : (source?.where ?? plan.where)
    const path = fromVariable ? [] : ['providers', id, ...setting.split('.')]
    report({ ...(where === undefined ? {} : { where }), path, message })
  }
  const choose = <T>(
    setting: string,
    read: (layer: ProviderLayer) => Sourced<T> | undefined,
  ): Sourced<T> | undefined => {
    const chosen = first(layers, read)
    if (chosen !== undefined) record(setting, chosen.origin)
    return chosen
  }

  const baseUrl = choose('base_url', (layer) => layer.baseUrl)
  const settingOf = (name: string): string | undefined => first(layers, (layer) => layer.settings?.[name])?.value
  const isOwn = baseUrl === undefined || baseUrl.value === plan.preset.baseUrl
  // Whoever writes a whole base URL has chosen among the variants already.
  const preset = isOwn || isBareFor(plan.preset, baseUrl.value) ? withVariant(plan.preset, settingOf) : plan.preset
  if (preset.retired !== undefined && (baseUrl === undefined || baseUrl.value === preset.baseUrl)) {
    fail('base_url', `${preset.retired} Give base_url.`)
    return undefined
  }
  if (baseUrl === undefined) {
    fail('base_url', `${preset.name} has no address of its own: give base_url${hint(preset.env?.baseUrl)}`)
    return undefined
  }
  const template = isOwn ? (preset.baseUrl ?? baseUrl.value) : completeBaseUrl(baseUrl.value, preset)
  const settings: Record<string, string> = {}
  for (const [, name = ''] of template.matchAll(/\{(\w+)\}/g)) {
    const setting = choose(`settings.${name}`, (layer) => layer.settings?.[name])
    if (setting !== undefined) settings[name] = setting.value
  }
  const filled = attempt(
    () => fillBaseUrl(template, settings, preset),
    (message) => fail('settings', message),
  )
  const checked = filled === undefined ? undefined : checkBaseUrl(filled)
  if (checked !== undefined && 'problem' in checked) fail('base_url', checked.problem, baseUrl)

  const headers = mergeHeaders(layers, (name, source) => {
    const problem = headerProblem(name, source.value)
    record(`headers.${name}`, source.origin)
    if (problem !== undefined) fail('headers', problem, source)
  })

  const apiKey = choose('api_key', (layer) => layer.apiKey)
  const key = apiKey?.value.trim() ?? ''
  const others = choose('api_keys', (layer) => layer.moreKeys)
  const moreKeys = [...new Set(others?.value.map((other) => other.trim()))].filter((other) => other !== key)
  if ([key, ...moreKeys].some((one) => one !== '' && !/^[\x21-\x7e]+$/.test(one))) {
    fail('api_key', 'the key has a space, a line break or a character that no key has', apiKey)
  }
  const identity = identityOf(preset, layers, settingOf, (name, source) => record(`credentials.${name}`, source.origin))
  if (typeof identity === 'string') {
    fail(
      `credentials.${identity}`,
      `${plan.displayName.value} needs it beside its other credentials${hint(preset.env?.credentials?.[identity])}`,
    )
  }
  const keyScheme = keySchemeOf(preset.auth)
  const keySent =
    preset.auth.type === 'none' ||
    key !== '' ||
    identity !== undefined ||
    'authorization' in headers ||
    (keyScheme.type === 'header' && keyScheme.name in headers)
  if (!keySent && checked !== undefined && 'url' in checked && preset.local !== true && isHosted(checked.url)) {
    const credentials = neededCredentials(preset.auth)
    const otherwise = credentials.length === 0 ? '' : `; or give credentials: ${credentials.join(', ')}`
    fail('api_key', `${plan.displayName.value} needs a key: give api_key${hint(plan.keyVariables)}${otherwise}`, apiKey)
  }

  record('name', plan.displayName.origin)
  record('type', plan.typeOrigin)
  const timeout = choose('timeout', (layer) => layer.timeout) ?? defaultTimeout
  const maxRetries = choose('max_retries', (layer) => layer.maxRetries) ?? defaultRetries
  if (timeout === defaultTimeout) record('timeout', timeout.origin)
  if (maxRetries === defaultRetries) record('max_retries', maxRetries.origin)
  const defaultModel = choose('default_model', (layer) => layer.defaultModel)
  if (!sound || checked === undefined || !('url' in checked) || typeof identity === 'string') return undefined
  return Object.freeze({
    id,
    name: plan.displayName.value,
    preset,
    baseUrl: checked.url,
    apiKey: key === '' || identity !== undefined ? undefined : new Secret(key),
    ...(moreKeys.length > 0 && { moreKeys: Object.freeze(moreKeys.map((other) => new Secret(other))) }),
    auth: preset.auth,
    ...(identity !== undefined && { identity }),
    headers: Object.freeze(headers),
    timeout: Math.round(timeout.value * 1000),
    maxRetries: maxRetries.value,
    defaultModel: defaultModel?.value,
  })
}

/** What the first layer says that says anything. */
function first<T>(
  layers: readonly ProviderLayer[],
  read: (layer: ProviderLayer) => Sourced<T> | undefined,
): Sourced<T> | undefined {
  for (const layer of layers) {
    const found = read(layer)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * The credentials in place of a key; the name of the first that is missing where some are there and no key is;
 * `undefined` where they are not needed. What stands in an earlier layer, key or credentials, wins.
 */
function identityOf(
  preset: Provider,
  layers: readonly ProviderLayer[],
  settingOf: (name: string) => string | undefined,
  visit: (name: string, source: Sourced<string>) => void,
): Identity | string | undefined {
  const { auth } = preset
  const needed = neededCredentials(auth)
  if (!('key' in auth)) return undefined
  const has = (layer: ProviderLayer): boolean => needed.some((name) => isGiven(layer.credentials?.[name]))
  const credentialLayer = layers.findIndex(has)
  const keyLayer = layers.findIndex(({ apiKey }) => isGiven(apiKey))
  if (credentialLayer === -1 || (keyLayer !== -1 && keyLayer <= credentialLayer)) return undefined
  const names = new Set(layers.flatMap(({ credentials }) => Object.keys(credentials ?? {})))
  const credentials: Record<string, Secret> = {}
  for (const name of names) {
    const source = first(layers, (layer) =>
      isGiven(layer.credentials?.[name]) ? layer.credentials?.[name] : undefined,
    )
    if (source === undefined) continue
    visit(name, source)
    credentials[name] = new Secret(source.value.trim())
  }
  const missing = needed.find((name) => !Object.hasOwn(credentials, name))
  if (missing !== undefined) return keyLayer === -1 ? missing : undefined
  const settings = [...new Set(layers.flatMap((layer) => Object.keys(layer.settings ?? {})))].flatMap((name) => {
    const value = settingOf(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.freeze({
    scheme: auth,
    credentials: Object.freeze(credentials),
    settings: Object.freeze(Object.fromEntries(settings)),
  })
}

function isGiven(source: Sourced<string> | undefined): boolean {
  return source !== undefined && source.value.trim() !== ''
}

/** `, or set GEMINI_API_KEY (or GOOGLE_API_KEY)` */
function hint(variables: readonly string[] | undefined): string {
  const [first, ...others] = variables ?? []
  if (first === undefined) return ''
  return `, or set ${first}${others.length === 0 ? '' : ` (or ${others.join(', ')})`}`
}

function attempt(action: () => string, report: (message: string) => void): string | undefined {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    report(error.message)
    return undefined
  }
}

function mergeHeaders(
  layers: readonly ProviderLayer[],
  visit: (name: string, source: Sourced<string>) => void,
): Record<string, string> {
  const chosen = new Map<string, Sourced<string>>()
  for (const layer of layers) {
    for (const [name, source] of Object.entries(layer.headers ?? {})) {
      if (!chosen.has(name)) chosen.set(name, source)
    }
  }
  for (const [name, source] of chosen) visit(name, source)
  return Object.fromEntries([...chosen].map(([name, { value }]) => [name, value]))
}

function headerProblem(name: string, value: string): string | undefined {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return `${JSON.stringify(name)} is no header name`
  if (ownHeaders.has(name)) return `${name} is set by the connection itself; leave it out`
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
    ? undefined
    : `the value of ${name} has characters that no header may have`
}
