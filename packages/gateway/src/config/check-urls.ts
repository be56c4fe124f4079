import type { Config, ConfigProblem, Secret } from 'sluice'

/**
 * What is wrong with the URLs of the stores. Variables such as `DATABASE_URL` may be another program's, which the
 * library must not mind; a gateway that passed over one would keep things where nobody looks for them.
 */
export function checkUrls({ server }: Config, origins: ReadonlyMap<string, string>): readonly ConfigProblem[] {
  const problem = (option: string, url: Secret | undefined, schemes: RegExp, example: string): ConfigProblem[] => {
    if (url === undefined) return []
    const scheme = URL.parse(url.reveal())?.protocol
    if (scheme !== undefined && schemes.test(scheme)) return []
    const where = origins.get(`server.${option}`)
    const wrong =
      scheme === undefined
        ? 'this is no URL; characters such as #, /, @ and % in its password are percent-encoded'
        : `${scheme}// is not supported`
    const message = `${wrong}. Expected ${example}; SLUICE_${option.toUpperCase()} wins over what is meant for another program`
    return [{ ...(where === undefined ? {} : { where }), path: ['server', option], message }]
  }
  return [
    ...problem('database_url', server.databaseUrl, /^postgres(?:ql)?:$/, 'postgres://user:password@host/database'),
    ...problem('redis_url', server.redisUrl, /^rediss?:$/, 'redis://:password@host/0'),
  ]
}
