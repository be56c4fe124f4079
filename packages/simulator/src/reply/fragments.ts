/** Words with the space before them: what the simulator takes for tokens. Joined, they are the text. */
export function words(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/g) ?? []
}

/** A scripted list as it is, a string word by word. */
export function fragments(text: string | readonly string[]): readonly string[] {
  return typeof text === 'string' ? words(text) : text
}

/** Pieces of at most `size` characters, as arguments and data are streamed. Never splits a character. */
export function pieces(text: string, size: number): readonly string[] {
  return text.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? []
}
