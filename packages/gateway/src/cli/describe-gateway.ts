import { type Secret, version } from 'sluice'
import type { Gateway } from '../compose.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { formatTable } from './format-table.ts'

export interface GatewayDescription {
  readonly facts: {
    readonly event: 'listening'
    readonly version: string
    readonly url: string
    /** The one that this start made. */
    readonly admin_key?: string
    readonly endpoints: readonly string[]
    readonly providers: readonly { readonly id: string; readonly name: string; readonly from: string }[]
    readonly default_provider: string | null
  }
  /** The same for people, with what to try. */
  readonly text: string
}

/** What a gateway that has just started serves, and how to use it. */
export function describeGateway(
  gateway: Gateway,
  { origins, file, config: written }: LoadedConfig,
  adminKey?: Secret,
): GatewayDescription {
  const { url, config } = gateway
  const endpoints = gateway.routes.map(publicPath)
  const providers = config.providers.map(({ id, name, preset }) => ({
    id,
    name,
    from:
      origins.get(`providers.${id}.type`) ??
      (preset.standIn
        ? 'built in'
        : written?.providers.some((provider) => provider.id === id)
          ? 'config'
          : 'found on this machine'),
  }))
  const { defaultProvider } = config
  const facts = {
    event: 'listening',
    version,
    url,
    ...(adminKey !== undefined && { admin_key: adminKey.reveal() }),
    endpoints,
    providers,
    default_provider: defaultProvider ?? null,
  } as const

  const open = !gateway.access.required
  const { keys } = config.server
  const callers = !open
    ? `need a key: ${keys.length > 0 ? `one of ${keys.length} of config, or ` : ''}one made by \`sluice keys create\``
    : config.server.insecure
      ? 'anyone who reaches it, without a key (insecure)'
      : 'programs of this machine, with any key or none'
  const defaulted =
    defaultProvider === undefined
      ? []
      : [['Default', `${defaultProvider} (${origins.get('default_provider') ?? 'found on this machine'})`]]
  const rows = [
    ...label('Endpoints', foldEndpoints(endpoints)),
    ...label(
      'Providers',
      formatTable(providers.map(({ id, name, from }) => [id, name, from]))
        .trimEnd()
        .split('\n'),
    ),
    ...defaulted,
    ['Callers', callers],
    ['Config', file ?? 'none; the environment only'],
  ]
  const real = config.providers.filter(({ preset }) => preset.standIn !== true)
  const who = config.providers.length === 0 ? 'nobody answers' : 'the demo answers, which is no model'
  const hint =
    real.length === 0
      ? `\nNo provider is configured, so ${who}. Set a key such as OPENAI_API_KEY,\nGROQ_API_KEY or OPENROUTER_API_KEY, or write a sluice.yaml, and start again.\n`
      : ''
  const admin =
    adminKey === undefined
      ? ''
      : `\nThe first admin key, shown this once. It may do everything; keep it safe.\n\n  ${adminKey.reveal()}\n`
  const text = `Sluice ${version} serves ${url}\n\n${formatTable(rows)}${hint}${admin}\n${examples(gateway, open)}`
  return { facts, text }
}

/** Endpoints of the API are below `/v1`; those for whoever runs the gateway, and of an API with a version of its own, are not. */
function publicPath(route: string): string {
  const [method = '', path = ''] = route.split(' ')
  const asItIs = /^\/(?:healthz|readyz|metrics|openapi\.json|docs|proxy|api|model|v\d[a-z]*)(?:\/|$)/.test(path)
  const rest = path.startsWith('/proxy/') ? '{provider}/…' : path.startsWith('/api/admin/') ? '…' : '{id}'
  const shown = path.replace('*', rest)
  return `${method === '*' ? 'ANY ' : method.padEnd(4)} ${asItIs ? shown : `/v1${shown}`}`
}

/** For people: what is served under several versions once, and a line for as many paths of one method as it holds. */
export function foldEndpoints(endpoints: readonly string[]): readonly string[] {
  const all = new Set(endpoints)
  const paths = new Map<string, string[]>()
  for (const endpoint of endpoints) {
    const [, method = '', path = ''] = /^(\S+) +(.*)$/.exec(endpoint) ?? []
    const preferred = path.replace(/^\/v1(?:alpha)?\/models\/\{id\}:/, '/v1beta/models/{id}:')
    if (preferred !== path && all.has(`${method} ${preferred}`)) continue
    paths.set(method, [...(paths.get(method) ?? []), path])
  }
  return [...paths].flatMap(([method, served]) => {
    const lines: string[] = []
    for (const path of served) {
      const last = lines.at(-1)
      if (last !== undefined && last.length + path.length < 78) lines[lines.length - 1] = `${last}  ${path}`
      else lines.push(path)
    }
    return lines.map((line, index) => `${(index === 0 ? method : '').padEnd(7)}${line}`)
  })
}

function label(name: string, lines: readonly string[]): string[][] {
  return lines.map((line, index) => [index === 0 ? name : '', line])
}

function examples({ url, engine, config }: Gateway, open: boolean): string {
  const { resolution } = engine.resolver.explain()
  const [first] = config.providers
  const model =
    resolution !== undefined
      ? `${resolution.provider.id}/${resolution.model}`
      : `${first?.id ?? 'PROVIDER'}/${first?.defaultModel ?? 'MODEL'}`
  const key = open ? '' : ' -H "authorization: Bearer $SLUICE_KEY"'
  const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hello' }] })
  return `Try
  curl -N ${url}/v1/chat/completions${key} -H 'content-type: application/json' -d '${body}'
  curl ${url}/v1/models${key}
  OPENAI_BASE_URL=${url}/v1 OPENAI_API_KEY=${open ? 'any' : '$SLUICE_KEY'} python your_app.py    # any OpenAI client
`
}
