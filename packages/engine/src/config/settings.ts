import type { ConfigPath } from './config-problem.ts'
import type { Origin, Sourced } from './sourced.ts'

export function written<T>(value: T | undefined, path: ConfigPath, origin: Origin): Sourced<T> | undefined {
  return value === undefined ? undefined : origin(value, path)
}

export function flagOf<T>(value: T | undefined, name: string): Sourced<T> | undefined {
  return value === undefined ? undefined : { value, origin: `flag --${name}` }
}

/** The first candidate that is there, else the default; notes where it came from. */
export function firstOf<T>(
  path: string,
  origins: Map<string, string>,
  candidates: readonly (Sourced<T> | undefined)[],
  fallback: T,
): T {
  const chosen = candidates.find((candidate) => candidate !== undefined)
  origins.set(path, chosen?.origin ?? 'default')
  return chosen === undefined ? fallback : chosen.value
}

/** Reads what is written of one part of the config, below `path`, else the default; notes where it came from. */
export function settingsBelow(
  path: ConfigPath,
  origin: Origin,
  origins: Map<string, string>,
): <T>(key: string, said: T | undefined, fallback: T) => T {
  return (key, said, fallback) =>
    firstOf([...path, key].join('.'), origins, [written(said, [...path, key], origin)], fallback)
}
