/**
 * A string that prints as `[secret]` wherever it might leak: templates, JSON, inspection, logs.
 * Only `reveal` gives it away, so that a search for that word finds every place that does.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }
}

// Node's `util.inspect`, by its registered symbol, so that no Node built-in is needed.
Object.defineProperty(Secret.prototype, Symbol.for('nodejs.util.inspect.custom'), { value: () => '[secret]' })
