import { type Config, type ConfiguredProvider, findLocalServers, type Provider, type Transport } from 'sluice'

/** Milliseconds that the start waits for servers of this machine: one that is there answers in a few. */
const patience = 300

/**
 * The config with the local model servers that answer on their usual ports. Where no provider is configured, the only
 * one found also serves the names that nothing else claims.
 */
export async function withLocalServers(
  config: Config,
  presets: readonly Provider[],
  transport: Transport,
): Promise<Config> {
  const candidates = presets.filter(({ id }) => !config.switchedOff.includes(id))
  const found = await withinPatience(findLocalServers(candidates, config.providers, transport))
  if (found.length === 0) return config
  const configured = config.providers.some(({ preset }) => preset.standIn !== true)
  const [only] = !configured && found.length === 1 ? found : []
  return Object.freeze({
    ...config,
    providers: Object.freeze([...config.providers, ...found]),
    defaultProvider: config.defaultProvider ?? only?.id,
  })
}

async function withinPatience(search: Promise<readonly ConfiguredProvider[]>): Promise<readonly ConfiguredProvider[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly ConfiguredProvider[]>((resolve) => {
    timer = setTimeout(() => resolve([]), patience)
  })
  try {
    return await Promise.race([search, late])
  } finally {
    clearTimeout(timer)
  }
}
