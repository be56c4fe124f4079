import type { Logger } from 'pino'
import { checkHealth, type Config, type Engine } from 'sluice'
import { createAlerts } from './alerts.ts'
import { createHealthWatch, type HealthWatch } from './health-watch.ts'
import { createProbes, type Probes } from './probes.ts'

/** Watches the engine's targets, and tells who wants to know. */
export interface Health {
  readonly watch: HealthWatch
  readonly probes: Probes
  close(): void
}

export function composeHealth(config: Config, engine: Engine, logger: Logger): Health {
  const { states } = engine
  const { providers } = engine.registry
  const now = (): number => performance.now()
  const alerts = createAlerts(config.alerts, { logger, now })
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
  const watch = createHealthWatch({ providers, states, finding: probes.finding, tell: alerts.hear, now })
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
