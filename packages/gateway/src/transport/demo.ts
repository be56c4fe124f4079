import type { Simulator } from '@sluice/simulator'
import { SluiceError } from '@sluice/protocol'
import { type ConfiguredProvider, demoProvider, type Transport, type UpstreamFlow } from 'sluice'

/** Stands for the demo's address until it has one; no name server knows the host (RFC 2606). */
const placeholder = 'http://demo.invalid'

/** The built-in provider that answers without any model, so that everything can be tried without a key. */
export const configuredDemo: ConfiguredProvider = Object.freeze({
  id: demoProvider.id,
  name: demoProvider.name,
  preset: demoProvider,
  baseUrl: `${placeholder}/v1`,
  apiKey: undefined,
  auth: demoProvider.auth,
  headers: {},
  timeout: 30_000,
  maxRetries: 0,
  defaultModel: 'demo',
})

type DemoServer = Pick<Simulator, 'origin' | 'close'>

/** Carries calls as `inner` does; the first call to the demo starts it in this process, on a port of the loopback. */
export function withDemo(inner: Transport, start: () => Promise<DemoServer> = startDemo): Transport {
  let starting: Promise<DemoServer> | undefined
  return {
    send(request, receiver) {
      if (request.destination.origin !== placeholder) return inner.send(request, receiver)
      let cancelled = false
      let paused = false
      let flow: UpstreamFlow | undefined
      starting ??= start().catch((cause: unknown) => {
        // The next call tries again.
        starting = undefined
        throw new SluiceError('upstream_unreachable', 'The demo provider could not be started.', { cause })
      })
      starting.then(
        ({ origin }) => {
          if (cancelled) return
          flow = inner.send({ ...request, destination: { ...request.destination, origin } }, receiver)
          if (paused) flow.pause()
        },
        (error: SluiceError) => {
          if (!cancelled) receiver.error(error)
        },
      )
      return {
        pause() {
          paused = true
          flow?.pause()
        },
        resume() {
          paused = false
          flow?.resume()
        },
        cancel() {
          cancelled = true
          flow?.cancel()
        },
      }
    },
    async close() {
      await inner.close()
      const simulator = await starting?.catch(() => undefined)
      await simulator?.close()
    },
  }
}

async function startDemo(): Promise<Simulator> {
  const { startSimulator } = await import('@sluice/simulator')
  return startSimulator({
    label: "Sluice's demo provider",
    models: ['demo'],
    requestBehaviours: false,
    recording: { requests: 0 },
  })
}
