import { SluiceError } from '@sluice/protocol'
import * as z from 'zod/mini'

/**
 * What a request's body says about its way, as OpenRouter has it.
 * https://openrouter.ai/docs/guides/routing/provider-selection
 */
export interface RoutePreferences {
  /** Names to be tried after the request's own `model`. */
  readonly models: readonly string[]
  readonly provider: ProviderPreferences | undefined
}

/** Providers are named by their id in config, by their name or by their type. */
export interface ProviderPreferences {
  /** These first, in this order. */
  readonly order?: readonly string[] | null | undefined
  readonly only?: readonly string[] | null | undefined
  readonly ignore?: readonly string[] | null | undefined
  /** `false`: nobody but those of `order`, or but the first choice where there is no order. */
  readonly allow_fallbacks?: boolean | null | undefined
  /** Only those who take everything that the request says. */
  readonly require_parameters?: boolean | null | undefined
  readonly sort?: ProviderSort | { readonly by?: ProviderSort | null | undefined } | null | undefined
  /** US dollars per million tokens. */
  readonly max_price?:
    | { readonly prompt?: Price | null | undefined; readonly completion?: Price | null | undefined }
    | null
    | undefined
}

export type ProviderSort = 'price' | 'throughput' | 'latency'

type Price = number | string

const schema = z.lazy(() => {
  const names = z.nullish(z.array(z.string().check(z.minLength(1))).check(z.maxLength(32)))
  const sort = z.enum(['price', 'throughput', 'latency'])
  const price = z.nullish(z.union([z.number().check(z.nonnegative()), z.string().check(z.regex(/^\d+(?:\.\d+)?$/))]))
  return z.object({
    models: names,
    // What else OpenRouter has there says nothing about providers that are reached without it.
    provider: z.nullish(
      z.object({
        order: names,
        only: names,
        ignore: names,
        allow_fallbacks: z.nullish(z.boolean()),
        require_parameters: z.nullish(z.boolean()),
        sort: z.nullish(z.union([sort, z.object({ by: z.nullish(sort) })])),
        max_price: z.nullish(z.object({ prompt: price, completion: price })),
      }),
    ),
  })
})

/** @throws SluiceError `invalid_request` naming the member that is wrong. */
export function readRoutePreferences(params: Readonly<Record<string, unknown>>): RoutePreferences {
  const result = schema.safeParse(params)
  if (result.success) return { models: result.data.models ?? [], provider: result.data.provider ?? undefined }
  const path = (result.error.issues[0]?.path ?? []).map(String)
  const param = path.join('.')
  throw new SluiceError(
    'invalid_request',
    `\`${param}\` must be ${expected[path[1] ?? path[0] ?? ''] ?? 'an object'}.`,
    {
      param,
    },
  )
}

const list = 'a list of at most 32 names'
const expected: Readonly<Record<string, string>> = {
  models: list,
  order: list,
  only: list,
  ignore: list,
  allow_fallbacks: 'true or false',
  require_parameters: 'true or false',
  sort: '"price", "throughput" or "latency"',
  max_price: 'an object with `prompt` and `completion`, in US dollars per million tokens',
}
