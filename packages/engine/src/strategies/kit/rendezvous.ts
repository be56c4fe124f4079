/** 32 bits of a text: FNV-1a, over its UTF-16 units. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function fingerprint(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

/**
 * What a key counts at a node, > 0; the node where it counts least has it. Over many keys each node has as many as its
 * weight says, and losing one changes nothing for those of the others.
 */
export function share(key: number, node: number, weight: number): number {
  return -Math.log((mix(key ^ mix(node)) + 0.5) / 2 ** 32) / weight
}

/** The finalizer of MurmurHash3: every bit of the input changes every bit of the output. */
function mix(bits: number): number {
  let hash = bits
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
