import { SluiceError } from '@sluice/protocol'
import { type Simulator, type SimulatorOptions, startSimulator } from '@sluice/simulator'
import { afterEach, beforeEach } from 'vitest'
import type { ConfigInput } from '../../config/schema.ts'
import { createSluice, type Sluice, type SluiceOptions } from '../create-sluice.ts'

/** A test's own simulator and client of it; what was opened is closed, and nothing may go unhandled. */
export interface TestSluice {
  readonly closing: (() => Promise<void>)[]
  setUp(options?: SimulatorOptions, config?: ConfigInput, more?: SluiceOptions): Promise<Setup>
}

export interface Setup {
  readonly simulator: Simulator
  readonly sluice: Sluice
}

/** To be called once in a file of tests. */
export function testSluice(): TestSluice {
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason)
  const closing: (() => Promise<void>)[] = []

  beforeEach(() => {
    process.on('unhandledRejection', onUnhandled)
  })

  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', onUnhandled)
    const missed = unhandled.splice(0)
    if (missed.length > 0) throw new AggregateError(missed, 'unhandled rejections')
  })

  async function setUp(
    options: SimulatorOptions = {},
    config: ConfigInput = {},
    more: SluiceOptions = {},
  ): Promise<Setup> {
    const simulator = await startSimulator({ models: ['small', 'large'], ...options })
    const lab = {
      type: 'openai_compatible',
      base_url: simulator.url,
      api_key: 'key-1',
      default_model: 'small',
      max_retries: 0,
    }
    const sluice = createSluice({ providers: { lab }, ...config }, { environment: {}, ...more })
    closing.push(
      () => sluice.close(),
      () => simulator.close(),
    )
    return { simulator, sluice }
  }

  return { closing, setUp }
}

/** The chat requests, without those for the list of models. */
export function chats({ simulator }: Setup): Simulator['requests'] {
  return simulator.requests.filter(({ method }) => method === 'POST')
}

export async function failureOf(action: Promise<unknown>): Promise<SluiceError> {
  const outcome = await action.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  )
  if (!(outcome instanceof SluiceError)) throw outcome
  return outcome
}
