import type { Dialect } from '@sluice/protocol'
import type { Engine, Route } from 'sluice'
import type { SiteEngine } from '../access/sites.ts'
import type { PrincipalWorkspace } from './principal.ts'

export type ServingEngine = Pick<Engine, 'routeFinder' | 'adHocRoute' | 'attempt'>

/** Who serves requests of one dialect, and finds where they go. */
export interface Serving {
  readonly engine: ServingEngine
  readonly findRoute: (model: string | undefined) => Route
}

export function servingOf(engine: ServingEngine, dialect: Dialect): Serving {
  return { engine, findRoute: engine.routeFinder(dialect) }
}

/** For workspaces with providers of their own: what was found once is kept for as long as the engine is. */
export function createSiteServing(
  siteEngine: SiteEngine,
  dialect: Dialect,
): (workspace: PrincipalWorkspace) => Promise<Serving> {
  const kept = new WeakMap<ServingEngine, Serving>()
  return async (workspace) => {
    const engine = await siteEngine(workspace)
    let serving = kept.get(engine)
    if (serving === undefined) kept.set(engine, (serving = servingOf(engine, dialect)))
    return serving
  }
}
