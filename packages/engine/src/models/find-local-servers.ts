import { buildConfig } from '../config/build-config.ts'
import type { ConfiguredProvider } from '../config/config.ts'
import { modelsDestination } from '../provider-kit/destination.ts'
import type { Provider } from '../provider-kit/provider.ts'
import { collect } from '../transport/collect.ts'
import type { Transport } from '../transport/transport.ts'
import { readModelList } from './read-model-list.ts'

/** Milliseconds. A server on this machine answers at once, or is not there. */
const timeouts = { connect: 500, firstByte: 1500, idle: 1500 }
const bodyLimit = 4 * 1024 * 1024

/**
 * The local servers (Ollama, llama.cpp, LM Studio, vLLM) that answer on their usual ports of 127.0.0.1 and are
 * not configured yet, ready to be used. Only what answers with a list of models counts: other programs use
 * those ports too. Asks all at once, once each, without a key; never rejects.
 */
export async function findLocalServers(
  presets: readonly Provider[],
  configured: readonly ConfiguredProvider[],
  transport: Transport,
): Promise<readonly ConfiguredProvider[]> {
  const known = new Set(configured.map(({ baseUrl }) => hostOf(baseUrl)))
  const ids = new Set(configured.map(({ id }) => id))
  const candidates = presets
    .filter(({ id, local, standIn }) => local === true && standIn !== true && !ids.has(id))
    .flatMap(configureLocal)
    .filter(({ baseUrl }) => !known.has(hostOf(baseUrl)))
  const found = await Promise.all(
    candidates.map(async (server) => ((await answers(server, transport)) ? [server] : [])),
  )
  return found.flat()
}

function configureLocal(preset: Provider): readonly ConfiguredProvider[] {
  const url = URL.parse(preset.baseUrl ?? '')
  if (url === null) return []
  // `localhost` may be ::1 first, where these servers do not listen.
  url.hostname = '127.0.0.1'
  const input = { providers: { [preset.id]: { base_url: url.href.replace(/\/$/, '') } } }
  return buildConfig({ presets: [preset], input, environment: {} }).providers
}

async function answers(server: ConfiguredProvider, transport: Transport): Promise<boolean> {
  try {
    const destination = modelsDestination(server)
    if (destination === undefined) return false
    const { status, body } = await collect(transport, { destination, method: 'GET', body: [], timeouts }, bodyLimit)
    const list = status === 200 ? readModelList(JSON.parse(new TextDecoder().decode(body)), server.preset) : undefined
    return list !== undefined && list.models.length > 0
  } catch {
    return false
  }
}

function hostOf(baseUrl: string): string {
  return (URL.parse(baseUrl)?.host ?? baseUrl).replace(/^(?:localhost|\[::1\])(?=:|$)/, '127.0.0.1')
}
