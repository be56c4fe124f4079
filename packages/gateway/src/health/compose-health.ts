import type { Logger } from 'pino'
import { checkHealth, type Config, type Engine } from 'sluice'
import { createAlerts } from './alerts.ts'
import type { Peers } from '../workers/peers.ts'
import { createHealthWatch, type HealthEvent, type HealthWatch } from './health-watch.ts'
import { createProbes, type Probes } from './probes.ts'

/** A worker tells the others of what it noticed. */
const eventNews = 'health.event'

/** Watches the engine's targets, and tells who wants to know. */
export interface Health {
  readonly watch: HealthWatch
  readonly probes: Probes
  close(): void
}

/** @param peers absent where this process is the only one: of several one sends the alerts of all. */
export function composeHealth(config: Config, engine: Engine, logger: Logger, peers: Peers | undefined): Health {
  const { states } = engine
  const { providers } = engine.registry
  const now = (): number => performance.now()
  const sends = peers === undefined || peers.place === 0
  const alerts = createAlerts(sends ? config.alerts : [], { logger, now })
  if (sends) peers?.hear(eventNews, (event) => alerts.hear(event as HealthEvent))
  const ofRoutes = providersOfRoutes(config, engine)
  const probes = createProbes({
    providers,
    states,
    interval: config.health.probeInterval,
    idle: ({ id }) => config.health.probeIdle && ofRoutes().has(id),
    check: (provider) => checkHealth(provider, engine.transport),
    found: (provider) => watch.probed(provider),
    now,
  })
  const watch = createHealthWatch({
    providers,
    states,
    finding: probes.finding,
    tell: sends ? alerts.hear : (event) => peers.tell(eventNews, event),
    now,
  })
  return {
    watch,
    probes,
    close() {
      probes.close()
      alerts.close()
    },
  }
}

/** Worked out anew when lists of models changed. */
function providersOfRoutes({ routes }: Config, { resolver }: Engine): () => ReadonlySet<string> {
  let found: ReadonlySet<string> = new Set()
  let revision: number | undefined
  return () => {
    if (revision === resolver.revision()) return found
    revision = resolver.revision()
    const names = [...routes.values()].flatMap(({ targets, fallbacks }) => [
      ...targets.map(({ model }) => model),
      ...Object.values(fallbacks).flat(),
    ])
    const models = names.filter((name) => !routes.has(name))
    found = new Set(models.flatMap((name) => resolver.explain(name).resolution?.provider.id ?? []))
    return found
  }
}
