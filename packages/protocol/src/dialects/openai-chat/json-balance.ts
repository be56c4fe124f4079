/**
 * Follows JSON text that comes in fragments and tells when its outermost object or array is closed. Keeps no
 * text.
 */
export class JsonBalance {
  #depth = 0
  #inString = false
  #escaped = false
  #whole = false

  get whole(): boolean {
    return this.#whole
  }

  add(fragment: string): void {
    for (let index = 0; index < fragment.length && !this.#whole; index++) {
      const code = fragment.charCodeAt(index)
      if (this.#escaped) this.#escaped = false
      else if (this.#inString) {
        if (code === 0x5c) this.#escaped = true
        else if (code === 0x22) this.#inString = false
      } else if (code === 0x22) this.#inString = true
      else if (code === 0x7b || code === 0x5b) this.#depth++
      else if (code === 0x7d || code === 0x5d) {
        this.#depth--
        this.#whole = this.#depth <= 0
      }
    }
  }
}
