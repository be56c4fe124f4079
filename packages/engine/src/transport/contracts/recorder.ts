import type { SluiceError } from '@sluice/protocol'
import type { UpstreamFlow, UpstreamHeaders, UpstreamReceiver } from '../transport.ts'

/** Writes down what a transport tells, checks its order, and lets a test wait for any of it. */
export class Recorder implements UpstreamReceiver {
  flow: UpstreamFlow | undefined
  status = 0
  headers: UpstreamHeaders = {}
  readonly chunks: Uint8Array[] = []
  length = 0
  outcome: 'end' | SluiceError | undefined
  /** Told out of turn: after the end, before the start. */
  readonly violations: string[] = []
  readonly #hooks: Partial<Record<'start' | 'data' | 'end' | 'error', () => void>>
  #waiting: { until: () => boolean; resolve: () => void }[] = []

  constructor(hooks: Partial<Record<'start' | 'data' | 'end' | 'error', () => void>> = {}) {
    this.#hooks = hooks
  }

  get body(): Buffer {
    return Buffer.concat(this.chunks)
  }

  start(status: number, headers: UpstreamHeaders): void {
    if (this.status !== 0 || this.outcome !== undefined) this.violations.push('start')
    this.status = status
    this.headers = headers
    this.#told('start')
  }

  data(chunk: Uint8Array): void {
    if (this.status === 0 || this.outcome !== undefined) this.violations.push('data')
    this.chunks.push(chunk)
    this.length += chunk.length
    this.#told('data')
  }

  end(): void {
    if (this.status === 0 || this.outcome !== undefined) this.violations.push('end')
    this.outcome = 'end'
    this.#told('end')
  }

  error(error: SluiceError): void {
    if (this.outcome !== undefined) this.violations.push('error')
    this.outcome = error
    this.#told('error')
  }

  /** Resolves when `condition` holds after something was told. */
  until(condition: (recorder: this) => boolean): Promise<void> {
    if (condition(this)) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ until: () => condition(this), resolve }))
  }

  async outcomeOf(): Promise<'end' | SluiceError> {
    await this.until((recorder) => recorder.outcome !== undefined)
    return this.outcome as 'end' | SluiceError
  }

  #told(what: 'start' | 'data' | 'end' | 'error'): void {
    this.#waiting = this.#waiting.filter((waiting) => {
      if (!waiting.until()) return true
      waiting.resolve()
      return false
    })
    this.#hooks[what]?.()
  }
}
