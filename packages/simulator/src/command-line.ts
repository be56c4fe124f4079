import { parseArgs } from 'node:util'
import type { Behaviour } from './behaviour.ts'
import type { ModelListShape } from './dialect.ts'
import type { Fault } from './fault.ts'
import { parseBehaviour } from './parse-behaviour.ts'
import { presets } from './presets.ts'
import type { SimulatorOptions } from './simulator.ts'

export const help: string = `Usage: sluice-simulator [options]

A provider on 127.0.0.1 that is none: it answers like OpenAI's chat API, as told, with every fault.

  --port NUMBER          default 9000; 0 for any free one
  --api-key KEY          refuse callers that do not send it
  --model ID             a model it serves, repeatable; default: any
  --model-list SHAPE     list, data, models, array or strings
  --label TEXT           who it says it is
  --seed NUMBER          for ids and log probabilities
  --latency MS           before the answer's head
  --first-event MS       between head and first event
  --gap MS               between events
  --fault NAME           for every request, repeatable; the names are below
  --behaviour JSON       for every request, as in code
  --fixed-bytes NUMBER   for benchmarks: a prepared JSON answer of that size
  --chunks NUMBER        for benchmarks: prepared streams with that many chunks
  --help

One request's own behaviour comes in its x-simulator header, or in ?simulator=, as a name or as JSON:

  curl http://127.0.0.1:9000/v1/chat/completions -H 'x-simulator: {"fault":{"kind":"cut","at":100}}' \\
    -d '{"model":"any","messages":[{"role":"user","content":"Hello"}]}'

Names: ${wrapped(Object.keys(presets))}
`

function wrapped(names: readonly string[]): string {
  const lines = ['']
  for (const name of names) {
    const line = `${lines.at(-1) ?? ''}${name}, `
    if (line.length > 100) lines.push(`${name}, `)
    else lines[lines.length - 1] = line
  }
  return lines.join('\n  ').replace(/, $/, '')
}

/** `undefined`: help is wanted. Throws an `Error` whose message is for the user. */
export function readCommandLine(words: readonly string[]): SimulatorOptions | undefined {
  const { values } = parseArgs({
    args: [...words],
    options: {
      port: { type: 'string' },
      'api-key': { type: 'string' },
      model: { type: 'string', multiple: true },
      'model-list': { type: 'string' },
      label: { type: 'string' },
      seed: { type: 'string' },
      latency: { type: 'string' },
      'first-event': { type: 'string' },
      gap: { type: 'string' },
      fault: { type: 'string', multiple: true },
      behaviour: { type: 'string' },
      'fixed-bytes': { type: 'string' },
      chunks: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return undefined
  const bytes = count('fixed-bytes', values['fixed-bytes'])
  const chunks = count('chunks', values.chunks)
  const standing = [...(values.fault ?? []), ...(values.behaviour === undefined ? [] : [values.behaviour])]
  return defined({
    port: count('port', values.port) ?? 9000,
    apiKey: values['api-key'],
    models: values.model,
    modelList: listShape(values['model-list']),
    label: values.label,
    seed: count('seed', values.seed),
    timing: defined({
      latency: count('latency', values.latency),
      firstEvent: count('first-event', values['first-event']),
      gap: count('gap', values.gap),
    }),
    always: standing.length > 0 ? combined(standing.map(parseBehaviour)) : undefined,
    fixed: bytes === undefined && chunks === undefined ? undefined : defined({ bytes, chunks }),
  })
}

/** Later ones win, faults add up. */
function combined(behaviours: readonly Behaviour[]): Behaviour {
  const fault = behaviours.flatMap(({ fault: own }): readonly Fault[] => {
    return own === undefined ? [] : 'kind' in own ? [own] : own
  })
  return { ...Object.assign({}, ...behaviours), fault }
}

function count(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^\d+$/.test(value)) throw new Error(`--${name} takes a whole number, not '${value}'.`)
  return Number(value)
}

const listShapes: readonly string[] = ['list', 'data', 'models', 'array', 'strings'] satisfies ModelListShape[]

function listShape(value: string | undefined): ModelListShape | undefined {
  if (value === undefined || listShapes.includes(value)) return value as ModelListShape | undefined
  throw new Error(`--model-list takes one of ${listShapes.join(', ')}, not '${value}'.`)
}

type Defined<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> }

function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>
}
