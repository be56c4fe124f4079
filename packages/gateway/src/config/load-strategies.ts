import { createRequire } from 'node:module'
import { dirname, isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type FoundStrategy, strategies as builtIn, type StrategyKind } from 'sluice'

/**
 * Loads the strategies that a config names by a module: a path relative to the config file, or a package that is
 * installed there. Never throws: what cannot be loaded is a problem where it is named.
 *
 * @param input unchecked.
 * @param file the config file's path.
 */
export async function loadStrategies(input: unknown, file: string): Promise<ReadonlyMap<string, FoundStrategy>> {
  const names = [...new Set(namesIn(input))].filter((name) => !builtIn.has(name))
  return new Map(await Promise.all(names.map(async (name) => [name, await load(name, file)] as const)))
}

function namesIn(input: unknown): string[] {
  const routes = isObject(input) ? input['routes'] : undefined
  if (!isObject(routes)) return []
  return Object.values(routes).flatMap((route) => {
    const strategy = isObject(route) ? route['strategy'] : undefined
    const name = isObject(strategy) ? strategy['name'] : strategy
    return typeof name === 'string' && name !== '' ? [name] : []
  })
}

async function load(name: string, file: string): Promise<FoundStrategy> {
  const isPath = /^\.{1,2}[\\/]/.test(name) || isAbsolute(name)
  let place: string
  try {
    place = isPath ? resolve(dirname(file), name) : createRequire(resolve(file)).resolve(name)
  } catch {
    const known = [...builtIn.keys()].join(', ')
    return { problem: `there is no strategy ${name}, nor a package of this name; there are ${known}` }
  }
  try {
    const { strategy } = (await import(pathToFileURL(place).href)) as { readonly strategy?: unknown }
    if (isStrategy(strategy)) return strategy
    return { problem: `${name} does not export a \`strategy\` with a \`name\` and \`create\`` }
  } catch (error) {
    return { problem: `${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function isStrategy(value: unknown): value is StrategyKind {
  return isObject(value) && typeof value['name'] === 'string' && typeof value['create'] === 'function'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
